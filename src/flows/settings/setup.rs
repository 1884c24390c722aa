//! Installing an organisation's settings: getting the file, making sure whose it is, telling what it changes. Nothing counts
//! before a person has said yes; nothing of it is run.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::timeout;

use crate::clients::download::{Download, MAX_TEXT};
use crate::clients::trust::CaBundle;
use crate::domain::diff::{Shown, unified};
use crate::domain::settings::managed::{Managed, Source, installed as with_source, parts};
use crate::domain::settings::minisign::Key;
use crate::domain::text::digest;
use crate::domain::url::is_safe_url;
use crate::error::{Error, Kind, Result};
use crate::flows::settings::Settings;
use crate::flows::settings::aws_files::ca_bundle;
use crate::ports::World;

/// A sign-in waits no longer than this for a newer version.
const REFRESH_PATIENCE: Duration = Duration::from_secs(5);

/// Settings that could be installed.
#[derive(Debug)]
pub struct Offer {
    text: String,
    source: Source,
    before: Option<(String, Option<Source>)>,
}

impl Offer {
    /// Whether just that is installed.
    pub fn is_installed(&self) -> bool {
        self.before.as_ref().is_some_and(|(text, source)| {
            text.trim_end() == self.text.trim_end() && source.as_ref().is_some_and(|source| source.is(&self.source))
        })
    }

    /// Its version.
    pub fn version(&self) -> u64 {
        self.source.version
    }

    /// What changes, as a unified diff.
    pub fn diff(&self) -> String {
        let lines = |text: &str| text.split_inclusive('\n').map(str::to_owned).collect::<Vec<_>>();
        let old = self.before.as_ref().map(|(text, _)| (text.as_str(), lines(text)));
        let old = old.as_ref().map(|(text, lines)| Shown { text, lines });
        let new = lines(&self.text);
        unified("the organisation's settings", old, Some(Shown { text: &self.text, lines: &new }))
    }

    /// Where what is installed comes from, where that is another place.
    pub fn other_source(&self) -> Option<&str> {
        let source = self.before.as_ref()?.1.as_ref()?;
        let is_same = source.from == self.source.from && source.minisign_key == self.source.minisign_key;
        (!is_same).then_some(source.from.as_str())
    }
}

/// The organisation's text that is installed, and where it came from.
pub fn installed(world: &World) -> Result<Option<(String, Option<Source>)>> {
    let file = Settings::text(world, &Settings::managed_place(world))?;
    Ok(file.map(|file| {
        let (text, source) = parts(&file);
        (text.to_owned(), source)
    }))
}

/// Gets settings and makes sure whose they are.
///
/// # Errors
/// They cannot be got, are not those that are meant, are older than what is installed, or set what such a file may not.
pub async fn offer(world: &World, from: &str, sha256: Option<&str>, key: Option<&str>) -> Result<Offer> {
    let key = key.map(|text| text.trim().parse::<Key>().map(|key| (text.trim().to_owned(), key)));
    let key = key.transpose().map_err(Error::usage)?;
    let is_url = from.contains("://");
    if is_url && !is_safe_url(from) {
        return Err(Error::usage(format!("`{from}` is no https URL")));
    }
    if is_url && sha256.is_none() && key.is_none() {
        return Err(Error::usage(
            "what makes the file behind a URL to be trusted? name its hash, or the key that signs it",
        )
        .hint(format!("eksso setup {from} --sha256 HASH"))
        .hint(format!("eksso setup {from} --minisign-key KEY")));
    }
    let (text, signature) = match is_url {
        true => {
            let bundle = ca_bundle(world)?.map(|(path, origin)| CaBundle { path, origin });
            let download = Download::new(world, bundle.as_ref())?;
            let text = download.text(from).await?;
            let signature = match key {
                Some(_) => download.text(&format!("{from}.minisig")).await?,
                None => String::new(),
            };
            (text, signature)
        }
        false => {
            let path = Path::new(from);
            let text = Settings::bounded(world, path, MAX_TEXT as u64)?
                .ok_or_else(|| Error::new(Kind::NotFound, format!("there is no file {from}")))?;
            let signature = match key {
                Some(_) => Settings::bounded(world, &PathBuf::from(format!("{from}.minisig")), MAX_TEXT as u64)?,
                None => None,
            };
            (text, signature.unwrap_or_default())
        }
    };
    if text.trim_start().starts_with('<') {
        return Err(Error::new(Kind::Failed, format!("{from} is a web page, and no settings"))
            .cause("a proxy or a sign-in page of the network may have answered")
            .hint("open it in a browser"));
    }
    let found = digest(&text);
    if let Some(pinned) = sha256.filter(|pinned| !pinned.trim().eq_ignore_ascii_case(&found)) {
        return Err(Error::new(Kind::Denied, format!("{from} is not the file that is meant; nothing was installed"))
            .cause(format!("its SHA-256 is {found}, and not {}", pinned.trim()))
            .hint("ask those who gave you the hash"));
    }
    if let Some((_, key)) = &key {
        key.verify(text.as_bytes(), &signature).map_err(|why| {
            Error::new(Kind::Denied, format!("{from} cannot be trusted; nothing was installed"))
                .cause(why)
                .hint("ask those who gave you the key")
        })?;
    }
    let managed = Managed::parse(&text).map_err(|error| {
        Error::usage(format!("{from} cannot be used; nothing was installed"))
            .cause(error)
            .hint("tell those who wrote it")
    })?;
    if key.is_some() && managed.version == 0 {
        return Err(Error::usage(format!("{from} has no `version`; nothing was installed")).cause(
            "a file that is signed says which of its versions it is, so that nobody can go back to an older one",
        ));
    }
    let before = installed(world)?;
    let source = Source {
        from: from.to_owned(),
        sha256: found,
        minisign_key: key.map(|(text, _)| text),
        version: managed.version,
        installed_at: None,
    };
    if let Some((old, Some(known))) = &before
        && known.minisign_key.is_some()
        && known.minisign_key == source.minisign_key
        && (source.version < known.version || source.version == known.version && old.trim_end() != text.trim_end())
    {
        return Err(Error::new(
            Kind::Denied,
            format!("{from} is not newer than what is installed; nothing was changed"),
        )
        .cause(format!("its version is {}, and {} is installed: the version only rises", source.version, known.version))
        .hint("eksso setup --remove  # first, if that is what you want"));
    }
    Ok(Offer { text, source, before })
}

/// Installs settings that a person has agreed to; answers where they are.
pub fn install(world: &World, offer: &Offer) -> Result<PathBuf> {
    let path = Settings::managed_place(world);
    let source = Source { installed_at: Some(world.clock.now()), ..offer.source.clone() };
    world.files.write_private(&path, with_source(&offer.text, &source).as_bytes())?;
    Ok(path)
}

/// Removes what is installed; answers whether there was something.
pub fn remove(world: &World) -> Result<bool> {
    world.files.remove_own(&Settings::managed_place(world))
}

/// A newer version of what is installed, where it is one that is signed.
pub async fn refresh(world: &World) -> Result<Option<Offer>> {
    let Some((text, Some(source))) = installed(world)? else { return Ok(None) };
    let Some(key) = source.minisign_key.as_deref().filter(|_| source.from.contains("://")) else { return Ok(None) };
    let late = || Error::new(Kind::Unavailable, format!("{} does not answer", source.from));
    let offer = timeout(REFRESH_PATIENCE, offer(world, &source.from, None, Some(key))).await.map_err(|_| late())??;
    Ok(Some(offer).filter(|offer| offer.text.trim_end() != text.trim_end()))
}
