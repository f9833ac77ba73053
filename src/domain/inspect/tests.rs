use super::*;
use crate::domain::reading::Reading;
use crate::domain::structure;
use crate::domain::verdict::Verdict;

fn fixture(path: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn facts(path: &str, bytes: &[u8]) -> FileFacts {
    let mut reading = Reading::start(path.parse().unwrap(), bytes.len() as u64);
    while let Some(range) = reading.next() {
        reading.feed(&bytes[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()]);
    }
    reading.finish()
}

/// The facts of a fixture's folder: all of its files.
fn folder(path: &str) -> Vec<FileFacts> {
    let root = format!("{}/tests/fixtures/{path}", env!("CARGO_MANIFEST_DIR"));
    let mut names: Vec<String> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names.iter().map(|name| facts(name, &fixture(&format!("{path}/{name}")))).collect()
}

fn manifest(kind: &str, rest: &str) -> Manifest {
    let requires = if kind == "backbone" || rest.contains("no-requires") {
        ""
    } else {
        "[[requires]]\nmodule = \"a/base\"\nversion = \"^1\"\n"
    };
    let text = format!(
        "[module]\nname = \"a/b\"\nkind = \"{kind}\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\n{requires}{rest}"
    );
    Manifest::from_toml(&text).unwrap()
}

fn rules(inspection: &Inspection) -> Vec<&str> {
    inspection.findings.iter().map(|finding| finding.rule.as_str()).collect()
}

fn names(ports: &[Port]) -> Vec<&str> {
    ports.iter().map(|port| port.name.as_str()).collect()
}

/// A safetensors file of one-byte tensors.
fn weights(names: &[&str]) -> Vec<u8> {
    let entry = |(at, name): (usize, &&str)| {
        format!(r#""{name}":{{"dtype":"F32","shape":[1],"data_offsets":[{},{}]}}"#, 4 * at, 4 * at + 4)
    };
    let header = format!("{{{}}}", names.iter().enumerate().map(entry).collect::<Vec<_>>().join(","));
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.resize(bytes.len() + 4 * names.len(), 0);
    bytes
}

#[test]
fn a_bert_folder_is_a_backbone_with_its_ports() {
    let found = inspect(&manifest("backbone", ""), &folder("tiny/bert/model"));
    assert_eq!((found.kind, rules(&found)), (Some(Kind::Backbone), vec![]));
    assert_eq!(names(&found.interface.inputs), ["input_ids", "attention_mask", "token_type_ids"]);
    assert_eq!(names(&found.interface.outputs), ["last_hidden_state", "pooler_output", "logits"]);
    let hidden = &found.interface.outputs[0];
    assert_eq!(hidden.dims.last(), Some(&Dim::Fixed(32)));
    assert_eq!((hidden.dims.len(), hidden.dtype.as_str()), (3, "float32"));
    assert_eq!(found.interface.architecture.as_deref(), Some("bert"));
    assert_eq!(found.interface.precision.as_deref(), Some("float32"));
    let points = &found.interface.attach_points;
    assert!(points.iter().any(|point| {
        point.name == "bert.encoder.layer.1.attention.self.query.weight" && point.shape == [32, 32]
    }));
}

#[test]
fn language_models_give_scores_for_the_next_token() {
    for (family, width, tokens) in [("gpt2", 32, 223), ("llama", 32, 227)] {
        let found = derive(&folder(&format!("tiny/{family}/model")));
        assert_eq!(
            (names(&found.interface.inputs), rules(&found)),
            (vec!["input_ids", "attention_mask"], vec![])
        );
        let last = |at: usize| found.interface.outputs[at].dims.last().cloned();
        assert_eq!((last(0), last(1)), (Some(Dim::Fixed(width)), Some(Dim::Fixed(tokens))), "{family}");
    }
}

#[test]
fn an_adapter_with_a_classifier_gives_logits() {
    let found = inspect(&manifest("adapter", ""), &folder("minilm/adapters/lora_r8"));
    assert_eq!((found.kind, rules(&found)), (Some(Kind::Adapter), vec!["unexpected_key"; 0]));
    assert_eq!(names(&found.interface.outputs), ["logits"]);
    assert_eq!(found.interface.outputs[0].dims, [Dim::Symbol("batch".into()), Dim::Fixed(6)]);
    assert_eq!(found.base_model.as_deref(), Some("sentence-transformers/all-MiniLM-L6-v2"));
    assert_eq!(found.anatomy.tensors.len(), 26);
}

#[test]
fn a_linear_head_has_its_ports() {
    let found = inspect(&manifest("head", ""), &folder("minilm/adapters/linear_head"));
    assert_eq!((found.kind, rules(&found)), (Some(Kind::Head), vec![]));
    assert_eq!(names(&found.interface.inputs), ["mean_pooled"]);
    assert_eq!(found.interface.outputs[0].dims.last(), Some(&Dim::Fixed(6)));
}

#[test]
fn declared_layers_have_their_ports_and_may_be_a_bridge_a_decoder_or_a_router() {
    let found = inspect(&manifest("head", ""), &folder("heads/mlp-tokens"));
    assert_eq!((found.kind, rules(&found)), (Some(Kind::Head), vec![]));
    assert_eq!(names(&found.interface.inputs), ["last_hidden_state"]);
    assert_eq!((found.interface.outputs[0].dims.len(), found.anatomy.tensors.len()), (3, 7));
    for (kind, files, output) in [("bridge", "bridge", "embedding"), ("decoder", "mlp-tokens", "logits")] {
        let found = inspect(&manifest(kind, ""), &folder(&format!("heads/{files}")));
        assert_eq!((rules(&found), names(&found.interface.outputs)), (vec![], vec![output]), "{kind}");
    }
    let adapter = inspect(&manifest("adapter", ""), &folder("heads/mlp"));
    assert_eq!(rules(&adapter), ["interface_mismatch"]);
    let config = String::from_utf8(fixture("heads/mlp/head_config.json")).unwrap();
    let config = config.replace("\"dense\"", "\"first\"");
    let weights = facts("head.safetensors", &fixture("heads/mlp/head.safetensors"));
    let found = inspect(&manifest("head", ""), &[facts("head_config.json", config.as_bytes()), weights]);
    assert_eq!(rules(&found), ["missing_key", "missing_key", "unexpected_key", "unexpected_key"]);
}

#[test]
fn a_router_is_refused_without_candidates_and_with_another_number_than_it_has_scores() {
    let on = |rest: &str| inspect(&manifest("router", rest), &folder("heads/router-layers"));
    let section = |names: &str| format!("[router]\ncandidates = [{names}]\n");
    assert_eq!(rules(&on(&section("\"c/one\", \"c/two\", \"c/three\""))), Vec::<&str>::new());
    assert_eq!(rules(&on("")), ["router_candidates_missing"]);
    let two = on(&section("\"c/one\", \"c/two\""));
    assert_eq!((rules(&two), two.passes()), (vec!["router_width"], false));
}

#[test]
fn torchscript_is_what_its_manifest_says() {
    let ports = "[[interface.inputs]]\nname = \"embedding\"\ndtype = \"float32\"\ndims = [\"batch\", 384]\n";
    let found = inspect(&manifest("bridge", ports), &[facts("bridge.pt", &fixture("torchscript/bridge.pt"))]);
    assert_eq!((found.kind, rules(&found)), (None, vec![]));
    assert_eq!(names(&found.interface.inputs), ["embedding"]);
    assert!(found.anatomy.torchscript);
}

#[test]
fn what_was_derived_of_two_releases_is_checked_as_a_pair() {
    let backbone = derive(&folder("tiny/bert/model"));
    for (name, verdict) in
        [("tiny/bert/adapters/lora", Verdict::Compatible), ("bad/wrong_targets", Verdict::Incompatible)]
    {
        let adapter = derive(&folder(name));
        assert!(adapter.passes(), "alone nothing is wrong with {name}");
        let fit = structure::check(&adapter.interface, &adapter.anatomy, &backbone.interface);
        assert_eq!(fit.verdict, verdict, "{name}");
    }
}

#[test]
fn every_bad_folder_that_files_alone_show_is_refused() {
    for (name, rule) in [
        ("truncated", "corrupt_file"),
        ("header_bomb", "header_too_large"),
        ("pickle_adapter", "pickle_refused"),
    ] {
        let found = inspect(&manifest("adapter", ""), &folder(&format!("bad/{name}")));
        assert!(rules(&found).contains(&rule) && !found.passes(), "{name}: {:?}", found.findings);
    }
}

#[test]
fn missing_files_are_named() {
    let config = facts("config.json", &fixture("tiny/bert/model/config.json"));
    let adapter_config =
        facts("adapter_config.json", &fixture("tiny/bert/adapters/lora/adapter_config.json"));
    let adapter_weights =
        facts("adapter_model.safetensors", &fixture("tiny/bert/adapters/lora/adapter_model.safetensors"));
    let model = facts("model.safetensors", &fixture("tiny/bert/model/model.safetensors"));
    let head = facts("head.safetensors", &fixture("minilm/adapters/linear_head/head.safetensors"));
    for (files, subject) in [
        (vec![config], "model.safetensors"),
        (vec![adapter_config], "adapter_model.safetensors"),
        (vec![adapter_weights], "adapter_config.json"),
        (vec![model], "config.json"),
        (vec![head], "head_config.json"),
        (vec![facts("README.md", b"# Card")], "files"),
    ] {
        let found = derive(&files);
        assert_eq!(rules(&found), ["missing_file"], "{subject}");
        assert_eq!(found.findings[0].subject, subject);
    }
    assert_eq!(rules(&derive(&[])), ["no_files"]);
}

#[test]
fn shards_are_read_as_one_and_held_against_their_index() {
    let index = |text: &str| facts("model.safetensors.index.json", text.as_bytes());
    let config = || facts("config.json", &fixture("tiny/bert/model/config.json"));
    let one = || facts("model-00001-of-00002.safetensors", &weights(&["b", "a"]));
    let two = || facts("model-00002-of-00002.safetensors", &weights(&["c"]));
    let good = r#"{"metadata":{},"weight_map":{"a":"model-00001-of-00002.safetensors",
        "b":"model-00001-of-00002.safetensors","c":"model-00002-of-00002.safetensors"}}"#;
    let found = derive(&[config(), index(good), one(), two()]);
    assert_eq!(rules(&found), Vec::<&str>::new());
    let points: Vec<&str> = found.interface.attach_points.iter().map(|point| point.name.as_str()).collect();
    assert_eq!(points, ["a", "b", "c"]);
    assert_eq!(rules(&derive(&[config(), index(good), one()])), ["missing_file"]);
    let stray = good.replace("\"c\"", "\"d\"");
    assert_eq!(
        rules(&derive(&[config(), index(&stray), one(), two()])),
        ["index_mismatch", "index_mismatch"]
    );
    for bad in ["", "{}", r#"{"weight_map":[]}"#, r#"[{"a":"b"}]"#] {
        assert_eq!(rules(&derive(&[config(), index(bad), one(), two()])), ["config_malformed"], "{bad}");
    }
}

#[test]
fn malformed_configs_are_named() {
    let weights = || facts("model.safetensors", &weights(&["a"]));
    for bad in ["", "[1", "[]", r#"{"hidden_size":"wide"}"#, r#"{"model_type":7}"#, r#"{"hidden_size":-1}"#] {
        let found = derive(&[facts("config.json", bad.as_bytes()), weights()]);
        assert_eq!(rules(&found), ["config_malformed"], "{bad}");
    }
    let found = derive(&[facts("config.json", br#"{"model_type":"brand_new"}"#), weights()]);
    assert!(rules(&found).is_empty() && found.interface.outputs.is_empty());
}

#[test]
fn a_manifest_that_contradicts_its_files_is_refused() {
    let files = folder("tiny/bert/model");
    let port = |side: &str, name: &str, dtype: &str, dims: &str| {
        format!("[[interface.{side}]]\nname = \"{name}\"\ndtype = \"{dtype}\"\ndims = {dims}\n")
    };
    for (rest, subject) in [
        (
            port("outputs", "last_hidden_state", "float32", "[\"b\", \"s\", 768]"),
            "outputs: last_hidden_state",
        ),
        (port("outputs", "pooler_output", "float32", "[\"b\", \"s\", 32]"), "outputs: pooler_output"),
        (port("inputs", "input_ids", "float32", "[\"b\", \"s\"]"), "inputs: input_ids"),
        (port("inputs", "pixel_values", "float32", "[\"b\", 3]"), "inputs: pixel_values"),
        ("[interface]\narchitecture = \"gpt2\"\n".to_owned(), "architecture"),
        (
            "[[interface.attach_points]]\nname = \"nowhere\"\ndtype = \"float32\"\nshape = [1]\n".to_owned(),
            "attach_points: nowhere",
        ),
    ] {
        let found = inspect(&manifest("backbone", &rest), &files);
        assert_eq!(rules(&found), ["interface_mismatch"], "{subject}");
        let finding = &found.findings[0];
        assert!(finding.subject.ends_with(subject) && finding.before.is_some() && finding.after.is_some());
    }
    let found = inspect(&manifest("head", ""), &files);
    assert_eq!(
        (found.findings[0].before.clone(), found.findings[0].after.clone()),
        (Some("head".into()), Some("backbone".into()))
    );
}

#[test]
fn a_manifest_adds_what_files_cannot_say() {
    let rest = "[interface]\nprecision = \"bfloat16\"\n[[interface.outputs]]\nname = \"last_hidden_state\"\ndtype = \"bfloat16\"\n\
                dims = [\"batch\", 128, \"width\"]\nnormalisation = \"l2\"\n[[interface.outputs]]\nname = \"extra\"\ndtype = \"float32\"\ndims = []\n";
    let found = inspect(&manifest("backbone", rest), &folder("tiny/bert/model"));
    assert_eq!((rules(&found), found.passes()), (vec!["port_unproven"], true));
    let hidden = &found.interface.outputs[0];
    assert_eq!(hidden.dims, [Dim::Symbol("batch".into()), Dim::Fixed(128), Dim::Fixed(32)]);
    assert_eq!((hidden.normalisation.as_deref(), hidden.dtype.as_str()), (Some("l2"), "bfloat16"));
    assert_eq!(names(&found.interface.outputs), ["last_hidden_state", "pooler_output", "logits", "extra"]);
    assert_eq!(found.interface.precision.as_deref(), Some("bfloat16"));
}

#[test]
fn what_attaches_has_to_say_to_what() {
    let found = inspect(&manifest("adapter", "# no-requires"), &folder("tiny/bert/adapters/lora"));
    assert_eq!(rules(&found), ["manifest_missing_requirement"]);
}

#[test]
fn a_head_whose_weights_contradict_its_config_is_refused() {
    let config = facts("head_config.json", &fixture("minilm/adapters/linear_head/head_config.json"));
    let found = derive(&[config, facts("head.safetensors", &weights(&["bias", "scale"]))]);
    assert_eq!(rules(&found), ["missing_key", "shape_mismatch", "unexpected_key"]);
}

#[test]
fn licenses_and_cards_are_doubted_and_not_refused() {
    let card = |text: &str| facts("README.md", text.as_bytes());
    let with = |readme| {
        let mut files = folder("tiny/bert/model");
        files.push(card(readme));
        inspect(&manifest("backbone", ""), &files)
    };
    let found = with("---\nlicense: apache-2.0\n---\n");
    assert_eq!((rules(&found), found.passes()), (vec!["license_mismatch"], true));
    assert_eq!(rules(&with("---\nlicense: [\n---\n")), ["card_malformed"]);
    assert_eq!(rules(&with("---\nlicense: mit\n---\n")), Vec::<&str>::new());
}

#[test]
fn the_vocabulary_is_a_file_whose_digest_the_ids_refer_to() {
    let mut files = folder("tiny/bert/model");
    files.push(facts("vocab.txt", b"[PAD]\n[UNK]\n"));
    let mut found = derive(&files);
    assert_eq!(found.vocabulary.as_ref().map(FilePath::as_str), Some("vocab.txt"));
    let digest = Digest::of(b"[PAD]\n[UNK]\n");
    found.set_vocabulary(&digest);
    assert_eq!(found.interface.inputs[0].vocabulary, Some(digest.to_string()));
}

#[test]
fn an_inspection_is_stored_and_read_again() {
    let found = derive(&folder("minilm/adapters/lora_r8"));
    let stored = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<Inspection>(&stored).unwrap(), found);
}

/// An evaluation set of two rows, less the tensors of these names, with this metadata.
fn evaluation_set(without: &str, metadata: &str) -> Vec<u8> {
    let mut header = format!(r#"{{"__metadata__":{{{metadata}}}"#);
    let mut end = 0;
    for (name, shape) in [("input.input_ids", "[2,3]"), ("labels", "[2]"), ("group", "[2]"), ("notes", "[2]")]
    {
        if !without.split(' ').any(|left_out| left_out == name) {
            let begin = end;
            end += if shape == "[2,3]" { 48 } else { 16 };
            header +=
                &format!(r#","{name}":{{"dtype":"I64","shape":{shape},"data_offsets":[{begin},{end}]}}"#);
        }
    }
    header.push('}');
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &vec![0; end]].concat()
}

#[test]
fn an_evaluation_set_is_no_weights_and_is_held_to_its_form() {
    let with = |bytes: &[u8]| {
        let mut files = folder("tiny/bert/adapters/lora");
        files.push(facts("evaluation.safetensors", bytes));
        inspect(&manifest("adapter", ""), &files)
    };
    let sound = with(&evaluation_set("notes", r#""groups":"[\"short\",\"long\"]""#));
    assert_eq!((rules(&sound), sound.kind), (vec![], Some(Kind::Adapter)));
    let plain = inspect(&manifest("adapter", ""), &folder("tiny/bert/adapters/lora"));
    assert_eq!((sound.interface, sound.anatomy), (plain.interface, plain.anatomy));

    let noted = with(&evaluation_set("", ""));
    assert_eq!((rules(&noted), noted.passes()), (vec!["unexpected_key"], true));
    let unknown = with(&evaluation_set("notes", r#""metric":"bleu""#));
    assert_eq!((rules(&unknown), unknown.passes()), (vec!["unsupported_metric"], true));
    // Without `input.` in front of any, all others are inputs.
    let bare = with(&evaluation_set("input.input_ids", ""));
    assert_eq!((rules(&bare), bare.passes()), (vec![], true));
    let no_inputs = ("input.input_ids notes", "");
    for (without, metadata) in [("labels", ""), ("group", r#""groups":"[\"a\"]""#), no_inputs] {
        let bad = with(&evaluation_set(without, metadata));
        assert_eq!((rules(&bad)[0], bad.passes()), ("bad_evaluation", false), "{without}");
        assert!(bad.findings[0].remedy.contains("labels"));
    }
    let cut = with(&evaluation_set("notes", "")[..100]);
    assert_eq!((rules(&cut), cut.passes()), (vec!["corrupt_file"], false));
    // Alone it is nothing that could be run.
    let alone =
        inspect(&manifest("head", ""), &[facts("evaluation.safetensors", &evaluation_set("notes", ""))]);
    assert!(rules(&alone).contains(&"missing_file"), "{:?}", alone.findings);
}

#[test]
fn bottleneck_adapters_are_adapters_and_need_safetensors() {
    let found = derive(&folder("nets/bert-base/adapters/houlsby"));
    assert_eq!((found.kind, rules(&found)), (Some(Kind::Adapter), vec![]));
    assert_eq!(found.base_model.as_deref(), Some("bert-base"));
    assert!(found.anatomy.bottleneck.is_some() && found.anatomy.peft.is_none());
    let config = fixture("nets/bert-base/adapters/houlsby/adapter_config.json");
    let found = derive(&[facts("adapter_config.json", &config)]);
    assert_eq!((found.kind, rules(&found)), (Some(Kind::Adapter), vec!["missing_file"]));
}

#[test]
fn a_head_that_comes_with_a_bottleneck_adapter_is_its_answer() {
    let found = derive(&folder("nets/bert-base/adapters/classified"));
    assert_eq!((found.kind, rules(&found)), (Some(Kind::Adapter), vec![]));
    let outputs: Vec<_> =
        found.interface.outputs.iter().map(|port| (port.name.as_str(), port.dims.last())).collect();
    assert_eq!(outputs, [("logits", Some(&Dim::Fixed(3)))]);
    // The adapter's own tensors are what is fitted to a backbone.
    assert!(found.anatomy.tensors.iter().all(|tensor| tensor.name.contains("adapters")));
    assert!(found.anatomy.head.is_none() && found.anatomy.bottleneck.is_some());

    let config = fixture("nets/bert-base/adapters/classified/head_config.json");
    let weights = fixture("nets/bert-base/adapters/classified/model_head.safetensors");
    let alone = derive(&[facts("head_config.json", &config), facts("model_head.safetensors", &weights)]);
    assert_eq!((alone.kind, rules(&alone)), (Some(Kind::Head), vec![]));
    let without = derive(&[facts("head_config.json", &config)]);
    assert_eq!((without.kind, rules(&without)), (Some(Kind::Head), vec!["missing_file"]));
}

#[test]
fn virtual_tokens_and_shared_matrices_are_known_to_the_inspection() {
    for adapter in ["gpt2/adapters/prompt", "gpt2/adapters/prefix", "gpt2/adapters/vera"] {
        let found = derive(&folder(&format!("nets/{adapter}")));
        assert_eq!((found.kind, rules(&found)), (Some(Kind::Adapter), vec![]), "{adapter}");
    }
}
