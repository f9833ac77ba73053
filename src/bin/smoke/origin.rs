//! Hints that modules were made for another backbone than the one they are put on, though every shape fits.

use cambium::domain::finding::Finding;
use cambium::domain::huggingface::CONFIG_FILE;
use cambium::domain::origin::{self, Names};
use cambium::domain::smoke::{Job, Part};
use serde_json::Value;

use crate::bench::Bench;
use crate::load;
use crate::nets::{Net, Takes};
use crate::stage::Body;

/// What there is to say; `home` is the backbone that the modules were made for, where it is another one.
pub fn hints(job: &Job, bench: &Bench<'_>, home: Option<&Net>) -> Vec<Finding> {
    let Some(backbone) = &job.backbone else { return vec![] };
    let names = names(backbone);
    let adapters = bench.adapters.iter().map(|adapter| (&adapter.name, adapter.method.base()));
    let stages = bench.stages.iter().map(|stage| match &stage.body {
        Body::Layers { config, .. } => (&stage.name, config.base_model_name_or_path.as_deref()),
        Body::Script { .. } => (&stage.name, None),
    });
    let named = adapters.chain(stages).filter_map(|(name, base)| origin::other_base(name, base?, &names));
    let mut findings: Vec<Finding> = named.collect();
    let sizes = bench.net().and_then(vocabulary).zip(home.and_then(vocabulary));
    if let (Some((here, home)), Some(module)) =
        (sizes.filter(|(here, home)| here != home), job.modules.last())
    {
        let size = |count: i64| format!("{count} tokens");
        findings.push(origin::other_vocabulary(&module.name, &size(here), &size(home)));
    } else if let Some(here) = declared(backbone) {
        let other = |part: &&Part| declared(part).is_some_and(|made_for| made_for != here);
        let others = job.modules.iter().filter(other);
        findings.extend(
            others.map(|part| origin::other_vocabulary(&part.name, here, declared(part).unwrap_or_default())),
        );
    }
    findings
}

fn names(backbone: &Part) -> Names {
    let manifest = backbone.manifest.as_ref();
    let config = backbone.files.get(CONFIG_FILE);
    let config = config.and_then(|path| load::json::<Value>(path, CONFIG_FILE).ok());
    let saved_from = config.as_ref().and_then(|config| config.get("_name_or_path")).and_then(Value::as_str);
    let module = manifest.map(|manifest| manifest.module.name.as_str().to_owned());
    Names {
        published: manifest.and_then(|manifest| manifest.provenance.base_model.clone()),
        saved_from: saved_from.map(str::to_owned),
        called: module.into_iter().chain([backbone.name.clone()]).collect(),
    }
}

/// How many tokens a network knows.
fn vocabulary(net: &Net) -> Option<i64> {
    match net.takes() {
        Takes::Tokens { vocabulary, .. } => Some(vocabulary),
        _ => None,
    }
}

/// The digest of the vocabulary that a part says its ids refer to.
fn declared(part: &Part) -> Option<&str> {
    let interface = part.manifest.as_ref()?.interface.as_ref()?;
    interface.inputs.iter().find(|port| port.name == "input_ids")?.vocabulary.as_deref()
}
