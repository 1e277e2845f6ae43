//! Interned names: a symbol for a text, with the text's stable hash at hand.

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use crate::mix::text_hash;

/// An interned text. The number is an index of this run's [`Names`] and means nothing outside it:
/// keys, hashes and files only ever use the text or its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sym(pub u32);

/// The interner of one run. Texts interned before [`Names::seal`] survive [`Names::reset`].
///
/// ```
/// use ordain_kernel::Names;
/// let mut names = Names::default();
/// let a = names.intern("orders");
/// assert_eq!(names.intern("orders"), a);
/// assert_eq!(names.text(a), "orders");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Names {
    texts: IndexSet<Box<str>, FxBuildHasher>,
    hashes: Vec<u64>,
    sealed: usize,
}

impl Names {
    /// The symbol of `text`, made on first sight.
    pub fn intern(&mut self, text: &str) -> Sym {
        if let Some(at) = self.texts.get_index_of(text) {
            return Sym(at as u32);
        }
        let (at, _) = self.texts.insert_full(text.into());
        self.hashes.push(text_hash(text));
        Sym(at as u32)
    }

    /// The symbol of `text`, if it has one.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Sym> {
        self.texts.get_index_of(text).map(|at| Sym(at as u32))
    }

    /// The text behind a symbol of this interner.
    ///
    /// # Panics
    /// When `sym` is of another interner.
    #[must_use]
    pub fn text(&self, sym: Sym) -> &str {
        &self.texts[sym.0 as usize]
    }

    /// The stable hash of the text behind `sym`.
    ///
    /// # Panics
    /// When `sym` is of another interner.
    #[must_use]
    #[inline]
    pub fn hash(&self, sym: Sym) -> u64 {
        self.hashes[sym.0 as usize]
    }

    /// Marks everything interned so far as belonging to the scenario rather than to a run.
    pub fn seal(&mut self) {
        self.sealed = self.texts.len();
    }

    /// Forgets what a run interned after the last [`Names::seal`].
    pub fn reset(&mut self) {
        self.texts.truncate(self.sealed);
        self.hashes.truncate(self.sealed);
    }
}
