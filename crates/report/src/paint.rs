//! Paint: how text looks in a terminal.

/// Whether colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paint {
    /// Plain text.
    #[default]
    Plain,
    /// ANSI escape codes.
    Ansi,
}

/// How terminal output looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Colours or not.
    pub paint: Paint,
    /// How many columns there are; fewer than 40 are taken for 40.
    pub width: usize,
}

impl Default for Look {
    /// Plain, 100 columns.
    fn default() -> Look {
        Look { paint: Paint::Plain, width: 100 }
    }
}

/// The few styles there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Strong,
    Quiet,
    Lane,
    Good,
    Deviation,
    Bad,
}

impl Style {
    const fn code(self) -> &'static str {
        match self {
            Style::Strong => "1",
            Style::Quiet => "2",
            Style::Lane => "36",
            Style::Good => "32",
            Style::Deviation => "33",
            Style::Bad => "1;31",
        }
    }
}

impl Paint {
    /// `text` in a style; plain paint and empty text stay as they are.
    pub(crate) fn on(self, style: Style, text: &str) -> String {
        if self == Paint::Plain || text.is_empty() {
            return text.to_owned();
        }
        format!("\x1b[{}m{text}\x1b[0m", style.code())
    }
}

impl Look {
    /// The columns there are to use.
    pub(crate) fn columns(self) -> usize {
        self.width.max(40)
    }
}
