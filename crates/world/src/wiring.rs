//! What is derived from the specification once: key segments, choice sites, and who listens to what.

use ordain_brokers::{ChannelId, SubId};
use ordain_kernel::{Choices, Draw, Form, Kind, Names, Rule, RuleId, Seg, Site};

use crate::fact::Boundary;
use crate::spec::{BrokerKind, FaultKind, Schedule, Script, ServiceId, Spec, SubSpec, TypeId};

/// A crash at one scripted place.
#[derive(Clone, Debug)]
pub(crate) struct ScriptedCrash {
    pub(crate) service: ServiceId,
    pub(crate) after: Boundary,
    pub(crate) before: Boundary,
    pub(crate) script: Script,
    pub(crate) site: Site,
}

/// Segments and sites, by index.
#[derive(Debug)]
pub(crate) struct Wiring {
    pub(crate) command: Seg,
    pub(crate) republish: Seg,
    pub(crate) timeout: Seg,
    pub(crate) types: Vec<Seg>,
    pub(crate) published: Vec<Seg>,
    pub(crate) subs: Vec<Seg>,
    pub(crate) boundaries: Vec<Seg>,
    pub(crate) commit: Seg,
    pub(crate) process: Vec<Seg>,
    pub(crate) strikes: Vec<(Seg, Site)>,
    pub(crate) hold: Vec<Site>,
    pub(crate) copy: Vec<Site>,
    pub(crate) fate: Vec<Vec<Site>>,
    pub(crate) relay_fate: Vec<Vec<Site>>,
    pub(crate) scripted: Vec<ScriptedCrash>,
    pub(crate) ambiguous: Vec<Site>,
    pub(crate) call_fail: Vec<Site>,
    pub(crate) call_slow: Vec<Site>,
    pub(crate) span: Site,
    pub(crate) answers: Vec<Site>,
    pub(crate) pick: Site,
    /// The declared fault behind each rule.
    pub(crate) fault_of: Vec<Option<u16>>,
    /// The subscriptions of each service, requests first in their own order.
    pub(crate) subs_of: Vec<Vec<SubId>>,
    /// The first process of each service.
    pub(crate) first_process: Vec<u16>,
    /// The way of each type to its broker.
    pub(crate) routes: Vec<Option<Route>>,
    /// The handler of each type in each subscription.
    handlers: Vec<Vec<Option<u16>>>,
}

/// How messages of a type reach their broker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    pub(crate) channel: ChannelId,
    pub(crate) broker: u16,
    /// The position of the type among those that its channel carries.
    pub(crate) routing: u16,
    /// How many subscriptions will settle such a message.
    pub(crate) audience: i64,
    /// The field that partitions are chosen by, where there are partitions.
    pub(crate) key: Option<u16>,
}

fn in_window(boundary: Boundary, after: Boundary, before: Boundary) -> bool {
    after <= boundary && boundary < before
}

/// The rule that a declared fault becomes.
fn rule_of(kind: &FaultKind) -> Draw {
    match kind {
        FaultKind::Duplicate { copies, late, .. } => Draw::Copies { count: *copies, late: late.clone() },
        FaultKind::Hold { rungs, quiet, .. } => Draw::Hold { rungs: rungs.clone(), quiet: *quiet },
        FaultKind::Crash { down, .. } => Draw::Crash { down: *down },
        FaultKind::Pause { lasts, .. } => Draw::Pause { lasts: *lasts },
        FaultKind::AmbiguousCommit { .. } => Draw::Ambiguous,
        FaultKind::Fail { done, .. } => Draw::Fail { done: *done },
        FaultKind::Slow { by, .. } => Draw::Hold { rungs: rungs_between(*by), quiet: false },
        FaultKind::Partition { when, lasts, .. } | FaultKind::TimedPause { when, lasts, .. } => {
            Draw::Strike { gap: gap_of(*when), lasts: *lasts }
        }
        FaultKind::Rebalance { when, .. } => {
            Draw::Strike { gap: gap_of(*when), lasts: (ordain_kernel::Span::ZERO, ordain_kernel::Span::ZERO) }
        }
    }
}

/// Sixteen even rungs from the lower to the upper bound.
fn rungs_between((low, high): (ordain_kernel::Span, ordain_kernel::Span)) -> Vec<ordain_kernel::Span> {
    let step = (high.0.saturating_sub(low.0)) / 15;
    (0..16).map(|i| ordain_kernel::Span(low.0 + i * step)).collect()
}

const fn gap_of(when: Schedule) -> (ordain_kernel::Span, ordain_kernel::Span) {
    match when {
        Schedule::Once(low, high) | Schedule::Every(low, high) => (low, high),
    }
}

struct Rules<'a> {
    spec: &'a Spec,
    ids: Vec<RuleId>,
}

impl Rules<'_> {
    fn matching(&self, mut wanted: impl FnMut(&FaultKind) -> bool) -> Vec<RuleId> {
        let faults = self.spec.faults.iter().zip(&self.ids);
        faults.filter(|(fault, _)| wanted(&fault.kind)).map(|(_, id)| *id).collect()
    }
}

impl Wiring {
    pub(crate) fn new(spec: &Spec, names: &mut Names, choices: &mut Choices) -> Wiring {
        let mut fault_of = Vec::new();
        let mut ids = Vec::new();
        for (at, fault) in spec.faults.iter().enumerate() {
            let twin = spec.faults[..at].iter().filter(|other| other.text == fault.text).count();
            let name = if twin == 0 { fault.text.clone() } else { format!("{} #{}", fault.text, twin + 1) };
            ids.push(choices.add_rule(Rule { name, chance: fault.chance, draw: rule_of(&fault.kind), fault: true }));
            fault_of.push(Some(at as u16));
        }
        let rules = Rules { spec, ids };
        let mut seg = |form, name: &str| Seg::new(names, form, name);
        let text = |sym| spec.names.text(sym);
        let types: Vec<Seg> = spec.types.iter().map(|t| seg(Form::Message, text(t.name))).collect();
        let published = spec.types.iter().map(|t| seg(Form::Step, &format!("published {}", text(t.name)))).collect();
        let subs = spec.subs.iter().map(|s| seg(Form::Handling, text(s.name))).collect();
        let boundaries = Boundary::ALL.iter().map(|b| seg(Form::Step, b.word())).collect();
        let process = spec.services.iter().map(|s| seg(Form::Process, text(s.name))).collect();
        let mut used: Vec<String> = Vec::new();
        let mut strikes = Vec::new();
        for (at, fault) in spec.faults.iter().enumerate() {
            let mut name: String = fault
                .text
                .chars()
                .map(|c| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { ' ' })
                .collect();
            while used.contains(&name) {
                name.push('+');
            }
            used.push(name.clone());
            strikes.push((seg(Form::Rule, &name), choices.add_site(Kind::Fate, vec![rules.ids[at]])));
        }
        let span_rule = choices.add_rule(Rule {
            name: "span".into(),
            chance: spec.span_chance,
            draw: Draw::Alternative,
            fault: false,
        });
        fault_of.push(None);
        let mut answers = Vec::new();
        for (at, chance) in spec.answers.iter().enumerate() {
            let name = format!("answer {at}");
            let rule = choices.add_rule(Rule { name, chance: *chance, draw: Draw::Alternative, fault: false });
            fault_of.push(None);
            answers.push(choices.add_site(Kind::Pick, vec![rule]));
        }
        Wiring {
            command: seg(Form::Command, "c"),
            republish: seg(Form::Republish, ""),
            timeout: seg(Form::Timer, "timeout"),
            commit: seg(Form::Step, "commit"),
            types,
            published,
            subs,
            boundaries,
            process,
            strikes,
            hold: Self::delivery_sites(&rules, choices, Kind::Hold),
            copy: Self::delivery_sites(&rules, choices, Kind::Copy),
            fate: Self::fate_sites(&rules, choices),
            relay_fate: Self::relay_sites(&rules, choices),
            scripted: Self::scripted(&rules, choices),
            ambiguous: (0..spec.services.len())
                .map(|at| {
                    let of =
                        |kind: &FaultKind| matches!(kind, FaultKind::AmbiguousCommit { service } if service.at() == at);
                    choices.add_site(Kind::Fate, rules.matching(of))
                })
                .collect(),
            call_fail: (0..spec.externals.len())
                .map(|at| {
                    let of = |kind: &FaultKind| matches!(kind, FaultKind::Fail { external, .. } if external.at() == at);
                    choices.add_site(Kind::Fate, rules.matching(of))
                })
                .collect(),
            call_slow: (0..spec.externals.len())
                .map(|at| {
                    let of = |kind: &FaultKind| matches!(kind, FaultKind::Slow { external, .. } if external.at() == at);
                    choices.add_site(Kind::Hold, rules.matching(of))
                })
                .collect(),
            span: choices.add_site(Kind::Pick, vec![span_rule]),
            answers,
            pick: choices.add_site(Kind::Pick, Vec::new()),
            fault_of,
            subs_of: Self::subs_of(spec),
            routes: Self::routes(spec),
            handlers: Self::handlers(spec),
            first_process: spec
                .services
                .iter()
                .scan(0, |next, service| {
                    let first = *next;
                    *next += service.replicas;
                    Some(first)
                })
                .collect(),
        }
    }

    fn delivery_sites(rules: &Rules<'_>, choices: &mut Choices, site: Kind) -> Vec<Site> {
        (0..rules.spec.subs.len())
            .map(|at| {
                let here = SubId(at as u16);
                let of = |kind: &FaultKind| match (site, kind) {
                    (Kind::Hold, FaultKind::Hold { subs, .. }) => subs.contains(&here),
                    (Kind::Copy, FaultKind::Duplicate { subs, .. }) => subs.contains(&here),
                    _ => false,
                };
                choices.add_site(site, rules.matching(of))
            })
            .collect()
    }

    fn fate_sites(rules: &Rules<'_>, choices: &mut Choices) -> Vec<Vec<Site>> {
        let subs = rules.spec.subs.iter().enumerate();
        subs.map(|(at, spec)| {
            let here = SubId(at as u16);
            let mut sites = Vec::new();
            for boundary in Boundary::ALL {
                let of = |kind: &FaultKind| match kind {
                    FaultKind::Crash { service, subs, after, before, script: None, .. }
                    | FaultKind::Pause { service, subs, after, before, .. } => {
                        *service == spec.service
                            && (subs.is_empty() || subs.contains(&here))
                            && in_window(boundary, *after, *before)
                    }
                    _ => false,
                };
                sites.push(choices.add_site(Kind::Fate, rules.matching(of)));
            }
            sites
        })
        .collect()
    }

    fn relay_sites(rules: &Rules<'_>, choices: &mut Choices) -> Vec<Vec<Site>> {
        (0..rules.spec.services.len())
            .map(|at| {
                let mut sites = Vec::new();
                for boundary in [Boundary::RelayRead, Boundary::RelayPublished, Boundary::RelayMarked] {
                    let of = |kind: &FaultKind| match kind {
                        FaultKind::Crash { service, subs, after, before, script: None, .. }
                        | FaultKind::Pause { service, subs, after, before, .. } => {
                            service.at() == at && subs.is_empty() && in_window(boundary, *after, *before)
                        }
                        _ => false,
                    };
                    sites.push(choices.add_site(Kind::Fate, rules.matching(of)));
                }
                sites
            })
            .collect()
    }

    fn scripted(rules: &Rules<'_>, choices: &mut Choices) -> Vec<ScriptedCrash> {
        let faults = rules.spec.faults.iter().zip(&rules.ids);
        faults
            .filter_map(|(fault, id)| match &fault.kind {
                FaultKind::Crash { service, after, before, script: Some(script), .. } => Some(ScriptedCrash {
                    service: *service,
                    after: *after,
                    before: *before,
                    script: script.clone(),
                    site: choices.add_site(Kind::Fate, vec![*id]),
                }),
                _ => None,
            })
            .collect()
    }

    /// The place of a type's program among the handlers of a subscription.
    #[inline]
    pub(crate) fn handler(&self, sub: SubId, ty: TypeId) -> Option<u16> {
        self.handlers[sub.0 as usize][ty.at()]
    }

    fn handlers(spec: &Spec) -> Vec<Vec<Option<u16>>> {
        let place =
            |sub: &SubSpec, ty: usize| sub.handlers.iter().position(|(of, _)| of.at() == ty).map(|at| at as u16);
        spec.subs.iter().map(|sub| (0..spec.types.len()).map(|ty| place(sub, ty)).collect()).collect()
    }

    fn routes(spec: &Spec) -> Vec<Option<Route>> {
        let audience = Self::audience(spec);
        let types = spec.types.iter().enumerate();
        types
            .map(|(ty, of)| {
                let channel = of.channel?;
                let carrier = &spec.channels[channel.0 as usize];
                let routing = carrier.carries.iter().position(|carried| carried.at() == ty).unwrap_or(0);
                let partitioned = matches!(spec.brokers[carrier.broker.at()].kind, BrokerKind::Kafka(_));
                let key = carrier.key.filter(|_| partitioned);
                let key = key.and_then(|name| of.fields.iter().position(|field| field.name == name));
                Some(Route {
                    channel,
                    broker: carrier.broker.0,
                    routing: routing as u16,
                    audience: audience[channel.0 as usize].get(routing).copied().unwrap_or(0),
                    key: key.map(|at| at as u16),
                })
            })
            .collect()
    }

    fn subs_of(spec: &Spec) -> Vec<Vec<SubId>> {
        let mut out = vec![Vec::new(); spec.services.len()];
        for (at, sub) in spec.subs.iter().enumerate() {
            out[sub.service.at()].push(SubId(at as u16));
        }
        out
    }

    /// How many subscriptions will settle a message of (channel, routing key).
    fn audience(spec: &Spec) -> Vec<Vec<i64>> {
        let mut out: Vec<Vec<i64>> = spec.channels.iter().map(|c| vec![0; c.carries.len()]).collect();
        for sub in &spec.subs {
            let Some(channel) = sub.channel else { continue };
            let channel = channel.0 as usize;
            for (at, ty) in spec.channels[channel].carries.iter().enumerate() {
                if crate::world::reaches(spec, sub, *ty) {
                    out[channel][at] += 1;
                }
            }
        }
        out
    }
}
