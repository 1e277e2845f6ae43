//! Boundaries: the fate choice after each of them.

use ordain_kernel::{Fate, Key, Seg, Site, Value as Choice};

use crate::fact::Boundary;
use crate::process::After;
use crate::run::Run;
use crate::state::Handle;

impl Run<'_> {
    /// Puts the fate choice after a boundary of a handling.
    #[inline]
    pub(crate) fn boundary(&mut self, handle: Handle, boundary: Boundary, seg: Seg) -> After {
        if !self.h(handle).watched {
            return After::On;
        }
        self.watched_boundary(handle, boundary, seg)
    }

    #[inline(never)]
    pub(crate) fn watched_boundary(&mut self, handle: Handle, boundary: Boundary, seg: Seg) -> After {
        let sub = self.h(handle).delivery.sub;
        let site = self.wiring.fate[sub.0 as usize][boundary as usize];
        if !self.s.choices.open(site) && self.wiring.scripted.is_empty() {
            return After::On;
        }
        let n = if boundary == Boundary::Received || boundary == Boundary::Begun || boundary == Boundary::Acked {
            1
        } else {
            self.h(handle).frame.count(seg)
        };
        let key = self.step_key(handle, seg, n);
        self.boundary_at(handle, boundary, key)
    }

    /// The same for a step whose key is known.
    pub(crate) fn boundary_at(&mut self, handle: Handle, boundary: Boundary, key: Key) -> After {
        let sub = self.h(handle).delivery.sub;
        let mut site = self.wiring.fate[sub.0 as usize][boundary as usize];
        if let Some(scripted) = self.scripted_here(handle, boundary) {
            site = scripted;
        }
        let Some(value @ Choice::Fate(fate)) = self.s.choices.ask(site, key, 0) else { return After::On };
        let process = self.h(handle).process as usize;
        match fate {
            Fate::Crash { down } => {
                let id = self.deviate(handle, key, value, |run| run.crash_words(handle, boundary));
                self.crash(process, down, Some(boundary), id);
                After::Off
            }
            Fate::Pause { lasts } => {
                let id = self.deviate(handle, key, value, |run| run.pause_words(handle, boundary, lasts));
                self.s.processes[process].stalled.push(handle);
                self.pause(process, lasts, id);
                After::Off
            }
            _ => After::On,
        }
    }

    /// The site of a scripted crash that names exactly this place.
    pub(crate) fn scripted_here(&self, handle: Handle, boundary: Boundary) -> Option<Site> {
        if self.wiring.scripted.is_empty() {
            return None;
        }
        let delivery = self.s.handlings[handle.slot as usize].delivery;
        let msg = self.s.messages.get(delivery.msg);
        let service = self.spec.subs[delivery.sub.0 as usize].service;
        let here = self.wiring.scripted.iter().find(|crash| {
            crash.service == service
                && crash.after <= boundary
                && boundary < crash.before
                && crash.script.ty == msg.ty
                && crash.script.command == msg.command
                && crash.script.n == delivery.n
        });
        here.map(|crash| crash.site)
    }
}
