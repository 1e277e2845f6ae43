//! `ordain keep`: a finding becomes a regression beside its scenario.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::exit::Exit;
use crate::fail::{Failure, Outcome};
use crate::files;
use crate::outputs::shell_word;
use crate::regressions::{self, Regression};
use crate::relative;
use crate::select::{REGRESSION, kept_folder};
use crate::slug::slug;
use crate::terminal::say;

/// Keep a finding beside its scenario, so that `ordain run` runs it first
///
/// Copies the regression to `SCENARIO.regressions/NAME.yaml`, with its way to the scenario adjusted. A campaign runs
/// kept regressions before its seeds; one that is reproduced is a finding. A file that is there is not overwritten.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  ordain keep reports/out/shop/FINDING.regression.yaml
  ordain keep reports/out/shop/FINDING.regression.yaml --name double-charge-after-crash")]
pub(crate) struct Keep {
    /// The regression file of a finding
    #[arg(value_name = "FINDING")]
    file: PathBuf,
    /// What to call it: what it shows [default: the finding's name]
    #[arg(long)]
    name: Option<String>,
}

impl Keep {
    pub(crate) fn run(&self) -> Outcome<Exit> {
        let regression = Regression::read(&self.file)?;
        let scenario = regression.scenario()?;
        let folder = kept_folder(&scenario);
        let cannot = |error| Failure::file(Exit::Unfinished, &folder, "make this folder", &error);
        fs::create_dir_all(&folder).map_err(cannot)?;
        let way = relative::from_to(&folder, &scenario).map_err(cannot)?;
        let text = regressions::moved(regression.text(), &way);
        let target = folder.join(format!("{}.yaml", self.name()?));
        let old = if target.exists() { Some(files::read(&target, Exit::BadInput, u64::MAX - 1)?) } else { None };
        let done = match old {
            Some(old) if old == text => "already kept",
            Some(_) => return Err(taken(&target)),
            None => {
                files::write(&target, &text)?;
                "kept"
            }
        };
        say(&format!("{done}: {}\n  run: ordain run {}\n", target.display(), shell_word(&scenario)))?;
        Ok(Exit::Passed)
    }

    fn name(&self) -> Outcome<String> {
        let file = self.file.file_name().unwrap_or_default().to_string_lossy();
        let own = file.strip_suffix(REGRESSION).or(file.strip_suffix(".yaml")).unwrap_or(&file);
        match &self.name {
            None => Ok(slug(own)),
            Some(name) if slug(name) == *name => Ok(name.clone()),
            Some(name) => {
                let failure = Failure::bad(format!("--name {name}: this is not a file name that works everywhere"));
                Err(failure.mend(format!("call it `{}`", slug(name))))
            }
        }
    }
}

fn taken(target: &Path) -> Failure {
    Failure::bad(format!("{}: another regression has this name", target.display()))
        .mend("choose one with `--name NAME`")
}
