//! `eksso __complete`: what may stand next on a command line, from the kubeconfig, config.toml, `~/.aws/config` and the index
//! of what was found. It reads these files, and nothing else: no network, no keyring, no lock.

use crate::cli::grammar::{Asked, Kind};
use crate::cli::{CompleteArgs, Globals};
use crate::commands::shared::call::Call;
use crate::domain::audit::rules;
use crate::domain::command_line::{CommandLine, Syntax, nushell_word};
use crate::domain::filter::{Filter, Glob};
use crate::domain::ids::RoleName;
use crate::domain::settings::keyring::Backend;
use crate::domain::text::escape;
use crate::error::{Kind as ErrorKind, Result};
use crate::flows::access::namespaces::kept;
use crate::flows::discovery::index::{Loaded, load};
use crate::flows::kubeconfig::contexts::Kubeconfigs;
use crate::flows::kubeconfig::glance::{About, glance};
use crate::flows::settings::aws_files::profile_names;

/// A value, and what it is.
type Values = Vec<(String, String)>;

/// Prints it. What cannot be read completes nothing: no error may appear in the midst of a line that somebody types.
pub fn run(call: &Call<'_>, args: &CompleteArgs) -> Result<()> {
    let line = match (&args.bash, &args.nushell) {
        (Some(line), _) => CommandLine::read(line, Syntax::Bash, &args.breaks),
        (None, Some(line)) => CommandLine::read(line, Syntax::Nushell, ""),
        (None, None) => CommandLine::of(args.words.clone(), args.word.clone()),
    };
    let mut asked = Asked::read(&line.words, &line.last);
    let word = match asked.kind {
        Some(Kind::Files) => "files",
        Some(Kind::Commands) => "commands",
        None if asked.values.is_empty() => "nothing",
        _ => "values",
    };
    let mut values = std::mem::take(&mut asked.values);
    if let Some(kind) = asked.kind {
        let inner = inner(call, &asked);
        let found = Looked { call: &inner, asked: &asked, last: &line.last }.values(kind).unwrap_or_default();
        values.extend(found.into_iter().map(|(value, what)| (format!("{}{value}", asked.before), what)));
    }
    // A value that would have to be shown as another one cannot be typed.
    values.retain(|(value, _)| !value.is_empty() && escape(value) == *value);
    if args.kubectl {
        return for_kubectl(call, &asked, &line.last, word, values);
    }
    let lines = values.into_iter().filter_map(|(value, what)| {
        let what = escape(&what).replace('\t', " ");
        Some(match (&args.bash, &args.nushell) {
            (Some(_), _) => line.put(&value)?,
            _ if (args.starts || args.nushell.is_some()) && !value.starts_with(&line.last) => return None,
            (None, Some(_)) => format!("{}\t{what}", nushell_word(&value)),
            (None, None) => format!("{value}\t{what}"),
        })
    });
    let lines: String = lines.map(|line| format!("{}\n", line.trim_end_matches('\t'))).collect();
    call.world.terminal.data(&format!("{word}\n{lines}"))
}

/// Values as kubectl hands them to its own completion scripts, which put what stands before a `=` in front themselves. The last
/// line is cobra's directive: 4 for no files, 0 for files where nothing else is offered.
fn for_kubectl(call: &Call<'_>, asked: &Asked, last: &str, word: &str, values: Values) -> Result<()> {
    let before = last.split_inclusive('=').next().filter(|option| option.starts_with("--") && option.ends_with('='));
    let before = before.unwrap_or(&asked.before);
    let lines = values.into_iter().filter(|(value, _)| value.starts_with(last)).map(|(value, what)| {
        let value = value.strip_prefix(before).unwrap_or(&value);
        format!("{value}\t{}", escape(&what).replace('\t', " ")).trim_end_matches('\t').to_owned() + "\n"
    });
    let directive = if matches!(word, "files" | "commands") { 0 } else { 4 };
    call.world.terminal.data(&format!("{}:{directive}\n", lines.collect::<String>()))
}

/// The call that the line will be, as far as its global options are there.
fn inner<'w>(call: &Call<'w>, asked: &Asked) -> Call<'w> {
    let path = |id: &str| {
        let text = asked.given(id)?;
        // No shell has expanded it yet.
        Some(text.strip_prefix("~/").map_or_else(|| text.into(), |rest| call.world.folders.home.join(rest)))
    };
    let globals = Globals {
        session: asked.given("session").map(str::to_owned).or_else(|| call.globals.session.clone()),
        kubeconfig: path("kubeconfig").or_else(|| call.globals.kubeconfig.clone()),
        config: path("config").or_else(|| call.globals.config.clone()),
        ..Globals::default()
    };
    Call::new(call.world, globals)
}

/// Where values are looked up.
struct Looked<'c, 'w> {
    call: &'c Call<'w>,
    asked: &'c Asked,
    last: &'c str,
}

impl Looked<'_, '_> {
    fn values(&self, kind: Kind) -> Result<Values> {
        let bare = |names: Vec<String>| names.into_iter().map(|name| (name, String::new())).collect();
        Ok(match kind {
            Kind::Files | Kind::Commands => Vec::new(),
            Kind::Contexts => bare(self.kubeconfigs(About::Names)?.names().into_iter().map(str::to_owned).collect()),
            Kind::Namespaces => {
                let files = self.kubeconfigs(About::Namespaces(self.named()))?;
                let context = self.context(&files);
                let mut names = context.as_deref().map(|context| files.namespaces(context)).unwrap_or_default();
                // And those that the cluster listed when `ns` asked it.
                let identity = context.and_then(|context| files.context(&context)?.identity);
                let listed = identity.map(|identity| kept(self.call.world, &identity.cluster_arn()));
                names.extend(listed.into_iter().flatten().map(|name| name.to_string()));
                names.sort();
                names.dedup();
                bare(names)
            }
            Kind::Sessions => {
                let sessions = self.call.settings()?.sessions(self.call.world)?;
                bare(sessions.into_iter().map(|session| session.name.to_string()).collect())
            }
            Kind::Filters => bare(self.call.settings()?.config.filter_names().map(str::to_owned).collect()),
            Kind::Profiles => bare(profile_names(self.call.world)?),
            Kind::Keyrings => bare(Backend::NAMES.iter().map(|(name, _)| (*name).to_owned()).collect()),
            Kind::Rules => rules().map(|rule| (rule.id.to_owned(), rule.title.to_owned())).collect(),
            Kind::Accounts(_) | Kind::Roles | Kind::RolesOfContext | Kind::Regions | Kind::Clusters => {
                self.found(kind)?
            }
        })
    }

    fn kubeconfigs(&self, about: About<'_>) -> Result<Kubeconfigs> {
        glance(self.call.world, self.call.globals.kubeconfig.as_deref(), about)
    }

    /// The context that the line names.
    fn named(&self) -> Option<&str> {
        ["contexts", "context", "words"].iter().find_map(|id| self.asked.given(id))
    }

    /// The same, else the current one.
    fn context(&self, files: &Kubeconfigs) -> Option<String> {
        self.named().map(str::to_owned).or_else(|| files.current())
    }

    /// What was found by searches before, of what the line's other filters leave.
    fn found(&self, kind: Kind) -> Result<Values> {
        let (world, settings) = (self.call.world, self.call.settings()?);
        let named = self.call.globals.session.as_deref();
        let chosen = match self.asked.given("all_sessions") {
            Some(_) => None,
            None => match settings.choose(world, named) {
                // Several, and none is named.
                Err(error) if error.kind() == ErrorKind::Usage => None,
                chosen => chosen?,
            },
        };
        let sessions = chosen.map_or_else(|| settings.sessions(world), |session| Ok(vec![session]))?;
        let globs = |id: &str| self.asked.all(id).map(Glob::new).collect::<Vec<_>>();
        let mut filter =
            Filter { accounts: globs("account"), roles: globs("role"), regions: globs("region"), ..Filter::default() };
        match kind {
            Kind::Accounts(_) => filter = Filter::default(),
            Kind::Roles => filter.roles.clear(),
            Kind::RolesOfContext => {
                let files = self.kubeconfigs(About::Context(self.named()))?;
                let identity = self.context(&files).and_then(|context| files.context(&context)?.identity);
                filter = Filter::default();
                filter.accounts.extend(identity.map(|identity| Glob::new(identity.cluster_account().as_str())));
            }
            _ => filter.regions.clear(),
        }
        let mut values = Values::new();
        if kind == Kind::Regions {
            values.extend(settings.config.regions.iter().map(|region| (region.to_string(), String::new())));
        }
        for session in sessions {
            let Loaded::Index(index) = load(world, &session) else { continue };
            for (id, account) in index.matching(&filter) {
                let places = || account.places.iter().filter(|(_, place)| !place.clusters.is_empty());
                match kind {
                    // A number is what somebody wants who types one.
                    Kind::Accounts(true) => values.push((id.to_string(), account.name.clone())),
                    Kind::Accounts(false) if self.value().starts_with(|c: char| c.is_ascii_digit()) => {
                        values.push((id.to_string(), account.name.clone()));
                    }
                    Kind::Accounts(false) => values.push((account.name.clone(), id.to_string())),
                    Kind::Regions => values.extend(places().map(|(region, _)| (region.to_string(), String::new()))),
                    Kind::Clusters => {
                        let names = places().flat_map(|(_, place)| place.clusters.keys());
                        values.extend(names.map(|name| (name.to_string(), String::new())));
                    }
                    _ => {
                        let roles = account.roles.iter().flat_map(|roles| roles.what.keys());
                        values.extend(roles.map(|role: &RoleName| (role.to_string(), String::new())));
                    }
                }
            }
        }
        values.sort();
        values.dedup();
        Ok(values)
    }

    /// The part of the last word that is the value.
    fn value(&self) -> &str {
        self.last.strip_prefix(&self.asked.before).unwrap_or(self.last)
    }
}
