use super::*;

const LINEAR: &str =
    r#"{"kind":"linear_head","input":"pooler_output","in_features":4,"out_features":2,"labels":["a","b"]}"#;
const MLP: &str = r#"{"kind":"mlp_head","input":"cls","in_features":4,"out_features":2,"layers":[
    {"type":"dropout","p":0.1},{"type":"linear","name":"dense","in_features":4,"out_features":3},
    {"type":"gelu","approximate":"tanh"},{"type":"layer_norm","name":"norm","eps":1e-6},{"type":"relu"},
    {"type":"linear","name":"out","in_features":3,"out_features":2,"bias":false}]}"#;

fn refused(text: &str) -> String {
    let finding = HeadConfig::parse(text.as_bytes()).expect_err(text).finding(CONFIG_FILE);
    assert_eq!(finding.rule, "config_malformed");
    finding.message
}

#[test]
fn configs_that_contradict_themselves_are_refused() {
    assert_eq!(HeadConfig::parse(LINEAR.as_bytes()).unwrap().input, HeadInput::PoolerOutput);
    for (from, to, why) in [
        ("linear_head", "tree", "`tree`"),
        ("linear_head", "mlp_head", "none of its `layers` is linear"),
        ("\"pooler_output\"", "\"last_token\"", "last_token"),
        ("\"pooler_output\"", r#"{"output":{"name":""}}"#, "no name of an output"),
        ("\"in_features\":4", "\"in_features\":0", "at least 1"),
        ("\"out_features\":2", "\"out_features\":3", "2 labels for 3 outputs"),
        ("\"out_features\":2,", "", "out_features"),
        ("{", "[", "config"),
    ] {
        let said = refused(&LINEAR.replacen(from, to, 1));
        assert!(said.contains(why), "{to}: {said}");
    }
}

#[test]
fn layers_whose_widths_do_not_meet_are_refused() {
    assert_eq!(HeadConfig::parse(MLP.as_bytes()).unwrap().steps().len(), 6);
    for (from, to, why) in [
        ("mlp_head", "linear_head", "call it an mlp_head"),
        ("\"in_features\":3", "\"in_features\":5", "layer 6 takes 5 numbers, and what is before it gives 3"),
        ("\"in_features\":4,\"out_features\":3", "\"in_features\":4,\"out_features\":0", "gives nothing"),
        ("\"out_features\":2,\"layers\"", "\"out_features\":7,\"layers\"", "its layers give 2 numbers"),
        ("\"out\"", "\"dense\"", "two layers are called `dense`"),
        ("\"dense\"", "\"a b\"", "`a b`"),
        ("\"dense\"", "\"\"", "layer 2"),
        ("1e-6", "0", "`eps`"),
        ("\"relu\"", "\"swish\"", "swish"),
        ("\"relu\"", "\"relu\",\"slope\":2", "slope"),
        ("\"tanh\"", "\"fast\"", "fast"),
    ] {
        let said = refused(&MLP.replacen(from, to, 1));
        assert!(said.contains(why), "{to}: {said}");
    }
    let deep = MLP.replace("{\"type\":\"relu\"}", &["{\"type\":\"relu\"}"; 12].join(","));
    assert!(refused(&deep).contains("17 layers"), "{}", refused(&deep));
}

#[test]
fn tensors_are_those_of_the_layers_and_each_that_is_not_is_named() {
    let config = HeadConfig::parse(MLP.as_bytes()).unwrap();
    let whole: [(&str, Vec<u64>); 5] = [
        ("dense.weight", vec![3, 4]),
        ("dense.bias", vec![3]),
        ("norm.weight", vec![3]),
        ("norm.bias", vec![3]),
        ("out.weight", vec![2, 3]),
    ];
    assert_eq!(config.fit(&whole, "f"), Fit { consumed: 5, ..Fit::default() });
    let mut broken = whole.to_vec();
    broken[0].1 = vec![4, 3];
    broken[1].0 = "dense.weights";
    broken.push(("out.bias", vec![2]));
    let fit = config.fit(&broken, "f");
    assert_eq!(
        (fit.missing, fit.unexpected),
        (vec!["dense.bias".to_owned()], vec!["dense.weights".into(), "out.bias".into()])
    );
    let said: Vec<(&str, &str)> =
        fit.findings.iter().map(|f| (f.rule.as_str(), f.subject.as_str())).collect();
    assert_eq!(
        said,
        [
            ("shape_mismatch", "f: dense.weight"),
            ("missing_key", "f: dense.bias"),
            ("unexpected_key", "f: dense.weights"),
            ("unexpected_key", "f: out.bias")
        ]
    );
    // Of a linear head the bias may be there or not.
    let linear = HeadConfig::parse(LINEAR.as_bytes()).unwrap();
    assert_eq!(linear.fit(&[("weight", vec![2, 4])], "f").findings, []);
    assert_eq!(linear.fit(&[("weight", vec![2, 4]), ("bias", vec![2])], "f").consumed, 2);
}

#[test]
fn a_config_is_stored_and_read_again_as_before_there_were_layers() {
    for text in [LINEAR, MLP, &LINEAR.replace("\"pooler_output\"", r#"{"output":{"name":"embedding"}}"#)] {
        let config = HeadConfig::parse(text.as_bytes()).unwrap();
        let stored = serde_json::to_value(&config).unwrap();
        assert_eq!(serde_json::from_value::<HeadConfig>(stored.clone()).unwrap(), config);
        assert_eq!(stored.get("layers").is_some(), text == MLP);
    }
}
