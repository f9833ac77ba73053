use super::*;

fn parse(fields: &str) -> Result<PeftConfig, BadPeftConfig> {
    PeftConfig::parse(format!(r#"{{"peft_type":"LORA"{fields}}}"#).as_bytes())
}

#[test]
fn a_real_config_is_read() {
    let path =
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/minilm/adapters/lora_r8/adapter_config.json");
    let config = PeftConfig::parse(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!((config.peft_type.as_str(), config.r, config.lora_alpha), ("LORA", 8, 16.0));
    assert_eq!(config.target_modules, Some(Targets::List(vec!["query".into(), "value".into()])));
    assert_eq!(config.modules_to_save, ["classifier", "score"]);
    assert_eq!(config.base_model_name_or_path.as_deref(), Some("sentence-transformers/all-MiniLM-L6-v2"));
    assert_eq!(config.task_type.as_deref(), Some("SEQ_CLS"));
    assert_eq!((config.unsupported, config.ignored), (vec![], vec![]));
}

#[test]
fn what_is_left_out_or_null_has_the_librarys_defaults() {
    for fields in ["", r#","r":null,"lora_alpha":null,"bias":null,"use_rslora":null,"rank_pattern":null"#] {
        let config = parse(fields).unwrap();
        assert_eq!((config.r, config.lora_alpha, config.bias.as_str()), (8, 8.0, "none"));
        assert!(!config.use_rslora && config.rank_pattern.is_empty());
    }
}

#[test]
fn patterns_keep_their_order() {
    let config = parse(r#","rank_pattern":{"z":1,"a":2,"m":3}"#).unwrap();
    assert_eq!(config.rank_pattern, [("z".into(), 1), ("a".into(), 2), ("m".into(), 3)]);
}

#[test]
fn one_layer_and_several_are_read() {
    assert_eq!(parse(r#","layers_to_transform":3"#).unwrap().layers_to_transform, [3]);
    assert_eq!(parse(r#","layers_to_transform":[1,2]"#).unwrap().layers_to_transform, [1, 2]);
}

#[test]
fn unknown_fields_are_named_and_those_with_an_effect_told_apart() {
    let config = parse(
        r#","brand_new":{"x":1},"empty_new":null,"off_new":false,"use_qalora":true,"init_lora_weights":"pissa_niter_4","lora_dropout":0.5"#,
    )
    .unwrap();
    assert_eq!(config.ignored, ["brand_new"]);
    assert_eq!(config.unsupported, ["init_lora_weights", "use_qalora"]);
    assert!(parse(r#","init_lora_weights":"gaussian""#).unwrap().unsupported.is_empty());
}

#[test]
fn malformed_configs_are_refused() {
    for text in [
        "",
        "[]",
        "{}",
        r#"{"peft_type":1}"#,
        r#"{"peft_type":"LORA","r":-1}"#,
        r#"{"peft_type":"LORA","r":1.5}"#,
        r#"{"peft_type":"LORA","target_modules":{}}"#,
        r#"{"peft_type":"LORA","rank_pattern":[1]}"#,
        r#"{"peft_type":"LORA","lora_alpha":"8"}"#,
    ] {
        let refusal = PeftConfig::parse(text.as_bytes()).unwrap_err();
        assert!(matches!(refusal, BadPeftConfig::Malformed(_)), "{text}");
        assert_eq!(refusal.finding("adapter_config.json").rule, "config_malformed");
    }
    let deep = format!(r#"{{"peft_type":"LORA","x":{}"#, "[".repeat(500_000));
    assert!(matches!(PeftConfig::parse(deep.as_bytes()), Err(BadPeftConfig::Malformed(_))));
    assert_eq!(PeftConfig::parse(&vec![b' '; (1 << 20) + 1]), Err(BadPeftConfig::TooLarge((1 << 20) + 1)));
}

#[test]
fn a_rank_of_zero_and_an_unknown_bias_are_refused() {
    for fields in [r#","r":0"#, r#","rank_pattern":{"q":0}"#, r#","bias":"some""#] {
        assert!(matches!(parse(fields), Err(BadPeftConfig::BadValue { .. })), "{fields}");
    }
}

#[test]
fn a_stored_config_is_the_config() {
    let config = parse(r#","alpha_pattern":{"b":1.5,"a":2},"target_modules":".*q""#).unwrap();
    let stored = serde_json::to_string(&config).unwrap();
    assert_eq!(serde_json::from_str::<PeftConfig>(&stored).unwrap(), config);
}

#[test]
fn rows_of_virtual_tokens_are_those_of_every_stack_that_is_stored() {
    let rows = |fields: &str| {
        let config = format!(r#"{{"num_virtual_tokens":3,{fields}}}"#);
        PeftConfig::parse(config.as_bytes()).unwrap().prompt_rows()
    };
    assert_eq!(rows(r#""peft_type":"PROMPT_TUNING","task_type":"CAUSAL_LM""#), 3);
    assert_eq!(rows(r#""peft_type":"PROMPT_TUNING","task_type":"SEQ_2_SEQ_LM""#), 6);
    let one = r#""peft_type":"P_TUNING","task_type":"SEQ_2_SEQ_LM","num_transformer_submodules":1"#;
    assert_eq!(rows(one), 3);
    assert_eq!(rows(r#""peft_type":"PREFIX_TUNING","task_type":"SEQ_2_SEQ_LM""#), 3);
}
