//! Who listens to what: for each moment and message type, the checks that are concerned.

use ordain_world::Spec;
use ordain_world::spec::TypeId;

use crate::spec::Moment;

/// A check's interest in a moment of a message. Numbers are indices of the check's family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ear {
    /// It is the trigger of an `after`.
    Trigger(u16),
    /// It is what an `after` expects.
    Expect(u16),
    /// An external effect is expected of it.
    Expected(u16),
    /// It is the reply that completes a step of an orchestrated saga.
    Reply(u16),
    /// It is an action or undo of an orchestrated saga.
    Step(u16),
    /// It is an action of a choreographed saga.
    Act(u16, u16),
    /// It is an undo of a choreographed saga.
    Undo(u16, u16),
}

/// Ears of one kind of moment, by type.
#[derive(Debug, Default)]
pub(crate) struct ByType {
    starts: Vec<u32>,
    ears: Vec<Ear>,
}

impl ByType {
    fn new(types: usize, mut wanted: Vec<(TypeId, Ear)>) -> ByType {
        wanted.sort_by_key(|(ty, _)| *ty);
        let mut starts = vec![0; types + 1];
        for (ty, _) in &wanted {
            starts[ty.at() + 1] += 1;
        }
        for at in 0..types {
            starts[at + 1] += starts[at];
        }
        ByType { starts, ears: wanted.into_iter().map(|(_, ear)| ear).collect() }
    }

    /// Who listens to this type.
    #[inline]
    pub(crate) fn of(&self, ty: TypeId) -> &[Ear] {
        &self.ears[self.starts[ty.at()] as usize..self.starts[ty.at() + 1] as usize]
    }
}

/// Collects ears before they are laid out.
#[derive(Debug, Default)]
pub(crate) struct Wanted(Vec<(Moment, Ear)>);

impl Wanted {
    /// Adds an ear; at one moment, ears hear in the order in which they were added.
    pub(crate) fn add(&mut self, moment: Moment, ear: Ear) {
        if !self.0.contains(&(moment, ear)) {
            self.0.push((moment, ear));
        }
    }
}

/// All ears.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    pub(crate) accepted: ByType,
    pub(crate) handled: ByType,
    pub(crate) committed: ByType,
}

impl Routes {
    pub(crate) fn new(spec: &Spec, wanted: &Wanted) -> Routes {
        let of = |pick: fn(&Moment) -> Option<TypeId>| {
            let chosen = wanted.0.iter().filter_map(|(moment, ear)| pick(moment).map(|ty| (ty, *ear)));
            ByType::new(spec.types.len(), chosen.collect())
        };
        Routes {
            accepted: of(|moment| if let Moment::Accepted(ty) = moment { Some(*ty) } else { None }),
            handled: of(|moment| if let Moment::Handled(ty) = moment { Some(*ty) } else { None }),
            committed: of(|moment| if let Moment::Committed(ty) = moment { Some(*ty) } else { None }),
        }
    }
}
