//! `eksso ns`: the namespace of the current context.

use crate::cli::NsArgs;
use crate::commands::shared::call::Call;
use crate::domain::ids::Namespace;
use crate::domain::kubeconfig::List;
use crate::error::{Error, Kind, Result};
use crate::flows::kubeconfig::change::set_namespace;
use crate::flows::kubeconfig::contexts::Kubeconfigs;
use crate::flows::kubeconfig::previous::Previous;

/// Shows it, or switches.
pub fn run(call: &Call<'_>, args: &NsArgs) -> Result<()> {
    let world = call.world;
    let current = |files: &Kubeconfigs| {
        let name = files
            .current()
            .ok_or_else(|| Error::new(Kind::NotFound, "there is no current context").hint("eksso use"))?;
        let body = files.body(List::Contexts, &name)?.ok_or_else(|| files.no_context(&name, "use"))?;
        let namespace =
            body.get("namespace").and_then(|value| value.as_str()).filter(|namespace| !namespace.is_empty());
        Ok::<_, Error>((name, namespace.unwrap_or("default").to_owned()))
    };
    let files = Kubeconfigs::open(world, call.globals.kubeconfig.as_deref())?;
    let (context, now) = current(&files)?;
    let Some(wanted) = &args.namespace else {
        return world.terminal.data(&format!("{}\n", crate::domain::text::escape(&now)));
    };
    let previous = Previous::namespace(world, &context);
    let namespace: Namespace = match wanted.as_str() {
        "-" => previous.get()?.ok_or_else(|| {
            Error::new(Kind::NotFound, format!("there is no previous namespace of `{context}`"))
                .hint("eksso ns NAMESPACE")
        })?,
        name => name.to_owned(),
    }
    .parse()?;
    drop(files);
    let what = format!("ns {namespace}");
    let ((context, left), outcome) = call.change(&what, args.write, false).make(world, |files| {
        let (context, left) = current(files)?;
        let mut edits = Vec::new();
        if left != namespace.as_str() {
            set_namespace(files, &mut edits, &context, &namespace)?;
        }
        Ok((edits, (context, left)))
    })?;
    if call.is_dry(args.write, &outcome)? {
        return Ok(());
    }
    previous.set(Some(&left), namespace.as_str())?;
    call.voice.say(world, &format!("Namespace `{namespace}` in `{context}`."));
    Ok(())
}
