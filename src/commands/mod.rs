//! One file a command: arguments → flow → words. What they share is a [`Call`].

mod access;
mod add;
mod audit;
mod clusters;
mod complete;
mod config;
mod console;
mod credentials;
mod doctor;
mod env;
mod exec;
mod export;
mod generate;
mod import;
mod init;
mod log;
mod login;
mod logout;
mod ns;
mod profiles;
mod prompt;
mod rename;
mod rm;
mod roles;
mod scaffold;
mod setup;
mod shared;
mod status;
mod sync;
mod token;
mod undo;
mod r#use;
mod whoami;

use crate::cli::{Command, OutputArg};
use crate::error::{Error, Kind, Result};
use crate::flows::kubeconfig::contexts::must_be_there;

pub use shared::call::{Call, block_on, color};
pub use shared::facts::facts;

/// Runs a command; answers the exit code, which may be another program's.
pub fn run(call: &Call<'_>, command: &Command) -> Result<u8> {
    // One that cannot be used forbids everything, as nobody knows what it says.
    call.world.policy()?;
    check_form(call.globals.output, command)?;
    if let Some(named) = call.globals.kubeconfig.as_deref().filter(|_| reads_contexts(command)) {
        must_be_there(call.world, named)?;
    }
    call.noted.begins(command);
    dispatch(call, command).inspect_err(|error| call.refused(error)).map_err(|error| match error.kind() {
        Kind::Unavailable => call.with_endpoints(error),
        Kind::Denied | Kind::SignInNeeded => call.with_help(error),
        _ => error,
    })
}

/// Refuses a form of `-o` that is another command's.
fn check_form(form: OutputArg, command: &Command) -> Result<()> {
    let is_list = matches!(command, Command::Access(args) if args.over_time.is_none());
    let is_audit = matches!(command, Command::Audit(args) if args.about.is_none() && args.print_policy.is_none());
    let (is_there, name, hint) = match form {
        OutputArg::Csv => (is_list, "csv", "eksso access -o csv"),
        OutputArg::Sarif => (is_audit, "sarif", "eksso audit -o sarif"),
        OutputArg::Table | OutputArg::Json | OutputArg::Name => return Ok(()),
    };
    if is_there {
        return Ok(());
    }
    Err(Error::usage(format!("-o {name} is not a form of this command")).hint(hint))
}

/// Whether a command is about contexts that are there, and makes no file for others.
fn reads_contexts(command: &Command) -> bool {
    use Command::{
        Console, Credentials, Doctor, Env, Exec, Export, Import, Ns, Rename, Rm, Shell, Status, Use, Whoami,
    };
    matches!(
        command,
        Console(_)
            | Credentials(_)
            | Doctor(_)
            | Env(_)
            | Exec(_)
            | Export(_)
            | Import(_)
            | Ns(_)
            | Rename(_)
            | Rm(_)
            | Shell(_)
            | Status(_)
            | Use(_)
            | Whoami(_)
    )
}

fn dispatch(call: &Call<'_>, command: &Command) -> Result<u8> {
    match command {
        Command::Exec(args) => return exec::exec(call, args),
        Command::Shell(args) => return exec::shell(call, args),
        Command::Env(args) => env::run(call, args),
        Command::Sync(args) => sync::run(call, args),
        Command::Ns(args) => ns::run(call, args),
        Command::Rename(args) => rename::run(call, args),
        Command::Rm(args) => rm::run(call, args),
        Command::Import(args) => import::run(call, args),
        Command::Export(args) => export::run(call, args),
        Command::Undo(args) => undo::run(call, args),
        Command::Init(args) => init::run(call, args),
        Command::Prompt(_) => prompt::run(call),
        Command::Token(args) => token::run(call, args),
        Command::Credentials(args) => credentials::run(call, args),
        Command::Profiles(args) => profiles::run(call, args),
        Command::Login(args) => login::run(call, args),
        Command::Logout(args) => logout::run(call, args),
        Command::Status(args) => return status::run(call, args),
        Command::Access(args) => return access::run(call, args),
        Command::Audit(args) => return audit::run(call, args),
        Command::Doctor(args) => return doctor::run(call, args),
        Command::Scaffold(args) => return scaffold::run(call, args),
        Command::Whoami(args) => whoami::run(call, args),
        Command::Console(args) => console::run(call, args),
        Command::Roles(args) => roles::run(call, args),
        Command::Clusters(args) => clusters::run(call, args),
        Command::Add(args) => add::run(call, args),
        Command::Use(args) => r#use::run(call, args),
        Command::Log(args) => log::run(call, args),
        Command::Config(args) => config::run(call, args),
        Command::Setup(args) => setup::run(call, args),
        Command::Completions(args) => generate::completions(call, args),
        Command::Man(args) => generate::man(call, args),
        Command::Complete(args) => complete::run(call, args),
    }
    .map(|()| 0)
}
