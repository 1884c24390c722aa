//! `eksso scaffold init`: the file to begin with.

use std::fmt::Display;
use std::path::Path;
use std::str::FromStr;

use crate::cli::ScaffoldInitArgs;
use crate::commands::shared::call::Call;
use crate::domain::ids::{AccountId, ClusterName, ProviderArn, Region};
use crate::domain::scaffold::example::{Beginning, example};
use crate::domain::text::{escape, shell_word};
use crate::error::{Error, Kind, Result};

/// What stands in the file where nobody says another.
const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-west-1";
const CLUSTER: &str = "payments";
/// Words for no answer.
const NOTHING: [&str; 4] = ["none", "no", "n", "-"];

/// Writes it. On a terminal what no flag says is asked for.
pub fn run(call: &Call<'_>, args: &ScaffoldInitArgs) -> Result<()> {
    let path = args.file.as_deref().unwrap_or(Path::new("access.toml"));
    if call.world.files.read(path, 1 << 20)?.is_some() {
        return Err(Error::new(Kind::Failed, format!("{} is there already; nothing was changed", path.display()))
            .hint("name another file: eksso scaffold init FILE"));
    }
    let region: Region = answer(call, args.region.as_deref(), "Region of the first cluster", REGION)?;
    let account: AccountId = answer(call, args.account.as_deref(), "Its account", ACCOUNT)?;
    let cluster: ClusterName = answer(call, args.cluster.as_deref(), "Its name", CLUSTER)?;
    let provider = |name: &str| -> Result<Option<String>, String> {
        if name.is_empty() {
            return Ok(None);
        }
        let arn = format!("arn:{}:iam::{account}:saml-provider/{name}", region.partition().arn());
        arn.parse::<ProviderArn>().map(|_| Some(name.to_owned())).map_err(|error| error.to_string())
    };
    let question = "SAML provider of Okta in that account, if people come by Okta and not by IAM Identity Center";
    let okta = checked(call, args.okta.as_deref(), question, "", provider)?;
    let beginning = Beginning { account: &account, region: &region, cluster: &cluster, okta: okta.as_deref() };
    call.world.files.replace(path, example(beginning).as_bytes())?;
    let name = path.display().to_string();
    call.voice.say(
        call.world,
        &format!("Wrote {}. Edit it, then: eksso scaffold check --file {}", escape(&name), shell_word(&name)),
    );
    Ok(())
}

fn answer<T: FromStr<Err: Display>>(call: &Call<'_>, flag: Option<&str>, question: &str, usual: &str) -> Result<T> {
    checked(call, flag, question, usual, |text| text.parse().map_err(|error: T::Err| error.to_string()))
}

/// The flag's value; without it, a person's answer, asked for three times at most; where nobody can be asked, what usually stands
/// there.
fn checked<T>(
    call: &Call<'_>,
    flag: Option<&str>,
    question: &str,
    usual: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<T> {
    let wrong = |why: String| Error::usage("the file cannot be begun so").cause(why);
    if let Some(given) = flag {
        return read(given).map_err(wrong);
    }
    if !call.interactive() {
        return read(usual).map_err(wrong);
    }
    let shown = if usual.is_empty() { "Enter: none" } else { usual };
    for left in (0..3).rev() {
        let said = call.world.terminal.ask(&format!("{question} [{shown}]"))?;
        let said = said.trim();
        // Where nothing is the usual answer, people say so in words, too.
        let is_nothing = usual.is_empty() && NOTHING.iter().any(|word| said.eq_ignore_ascii_case(word));
        let text = if said.is_empty() || is_nothing { usual } else { said };
        match read(text) {
            Ok(value) => return Ok(value),
            Err(why) if left == 0 => return Err(wrong(why)),
            Err(why) => call.voice.warn(call.world, &why),
        }
    }
    read(usual).map_err(wrong)
}
