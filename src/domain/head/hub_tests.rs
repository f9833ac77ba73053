use super::*;

const SAVED: &str = r#"{"config":{"head_type":"classification","num_labels":2,"layers":2,"activation_function":"tanh",
    "use_pooler":false,"bias":true,"label2id":{"yes":1,"no":0},"dropout_prob":null},"hidden_size":4,
    "model_class":"BertAdapterModel","model_name":"m","model_type":"bert","name":"x","version":"adapters.1.3.0"}"#;

fn linear(name: &str, out_features: u64) -> Layer {
    Layer::Linear { name: name.to_owned(), in_features: 4, out_features, bias: Some(true) }
}

#[test]
fn a_head_of_the_library_is_read_as_declared_layers() {
    assert!(recognises(SAVED.as_bytes()));
    let head = HeadConfig::parse(SAVED.as_bytes()).unwrap();
    assert_eq!((&head.input, head.in_features, head.out_features), (&HeadInput::Cls, 4, 2));
    assert_eq!(head.labels, ["no", "yes"]);
    let dropout = || Layer::Dropout { p: 0.0 };
    let layers = [dropout(), linear("heads.x.1", 4), Layer::Tanh {}, dropout(), linear("heads.x.4", 2)];
    assert_eq!(head.layers, layers);
    let of = |from: &str, to: &str| HeadConfig::parse(SAVED.replace(from, to).as_bytes()).unwrap();
    assert_eq!(of("\"use_pooler\":false", "\"use_pooler\":true").input, HeadInput::PoolerOutput);
    assert_eq!(of("classification", "tagging").input, HeadInput::LastHiddenState);
    // Without an activation nothing stands between the layers but dropout.
    assert_eq!(of("\"tanh\"", "null").layers[3], linear("heads.x.3", 2));
    assert_eq!(of("\"yes\":1", "\"yes\":5").labels, Vec::<String>::new());
}

#[test]
fn what_is_not_computed_of_the_librarys_heads_is_told_and_refuses_nothing() {
    for (from, to, named) in [
        ("\"classification\"", "\"causal_lm\"", "causal_lm"),
        ("\"classification\"", "\"multiple_choice\"", "multiple_choice"),
        ("\"classification\"", "\"question_answering\"", "question_answering"),
        ("\"tanh\"", "\"mish\"", "mish"),
        ("\"bert\"", "\"gpt2\"", "whole sequences on `gpt2`"),
        ("\"layers\":2", "\"layers\":900", "900 layers"),
        ("\"layers\":2", "\"layers\":0", "0 layers"),
        ("\"num_labels\":2,", "", "without labels"),
    ] {
        let bad = HeadConfig::parse(SAVED.replacen(from, to, 1).as_bytes()).expect_err(to);
        let finding = bad.finding("head_config.json");
        assert_eq!((finding.rule.as_str(), finding.refuses()), ("unsupported_module", false), "{to}");
        assert!(finding.message.contains(named), "{to}: {}", finding.message);
    }
    let fixed = SAVED.split_once("},\"hidden_size\"").unwrap().1;
    let bad = HeadConfig::parse(format!(r#"{{"config":null,"hidden_size"{fixed}"#).as_bytes()).unwrap_err();
    assert!(bad.finding("head_config.json").message.contains("BertAdapterModel"));
}

#[test]
fn a_head_of_the_library_with_fields_that_make_no_sense_is_refused() {
    for (from, to) in [
        ("\"hidden_size\":4", "\"hidden_size\":0"),
        ("\"hidden_size\":4", "\"hidden_size\":\"wide\""),
        ("\"num_labels\":2", "\"num_labels\":0"),
        ("\"name\":\"x\"", "\"name\":\"../x y\""),
    ] {
        let bad = HeadConfig::parse(SAVED.replacen(from, to, 1).as_bytes()).expect_err(to);
        assert_eq!(bad.finding("head_config.json").rule, "config_malformed", "{to}");
    }
    for other in ["{}", "[]", r#"{"kind":"mlp_head","model_class":"x","config":{}}"#] {
        assert!(!recognises(other.as_bytes()), "{other}");
    }
}
