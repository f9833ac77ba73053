use super::*;

fn config(fields: &str) -> PeftConfig {
    PeftConfig::parse(format!(r#"{{"peft_type":"LORA"{fields}}}"#).as_bytes()).unwrap()
}

fn rules(fields: &str) -> Rules {
    Rules::compile(&config(fields)).unwrap()
}

const QUERY_0: &str = "bert.encoder.layer.0.attention.self.query";
const QUERY_1: &str = "bert.encoder.layer.1.attention.self.query";

#[test]
fn listed_targets_match_whole_paths_and_ends_behind_a_dot() {
    let rules = rules(r#","target_modules":["query","self.value","lm_head"]"#);
    assert!(rules.targets(QUERY_0) && rules.targets("lm_head") && rules.targets("a.self.value"));
    assert!(!rules.targets("a.myquery") && !rules.targets("a.value") && !rules.targets("query.b"));
}

#[test]
fn a_pattern_has_to_match_the_whole_path() {
    let rules = rules(r#","target_modules":".*\\.layer\\.[01]\\..*(query|key)""#);
    assert!(rules.targets(QUERY_0));
    assert!(!rules.targets("bert.encoder.layer.2.attention.self.query"));
    assert!(!rules.targets("x.layer.0.y.query.z"));
    // Without groups around it, the alternatives would match beginnings and ends.
    let rules = self::rules(r#","target_modules":"a|b""#);
    assert!(rules.targets("a") && rules.targets("b") && !rules.targets("ab") && !rules.targets("a.x"));
}

#[test]
fn excluded_and_saved_modules_are_not_targeted() {
    let rules =
        rules(r#","target_modules":["dense"],"exclude_modules":["pooler.dense"],"modules_to_save":["head"]"#);
    assert!(rules.targets("layer.0.dense"));
    assert!(!rules.targets("bert.pooler.dense") && !rules.targets("head.dense"));
}

#[test]
fn layers_can_be_chosen() {
    let rules = rules(r#","target_modules":["query"],"layers_to_transform":[1]"#);
    assert!(rules.targets(QUERY_1) && !rules.targets(QUERY_0) && !rules.targets("query"));
    // The first number is the layer, not the expert.
    let rules = self::rules(r#","target_modules":["w"],"layers_to_transform":1"#);
    assert!(rules.targets("model.layers.1.experts.0.w") && !rules.targets("model.layers.0.experts.1.w"));
    let named = self::rules(r#","target_modules":["w"],"layers_to_transform":1,"layers_pattern":"h""#);
    assert!(named.targets("t.h.1.w") && !named.targets("t.g.1.w"));
}

#[test]
fn scales_follow_the_variant_and_the_patterns() {
    let plain = rules(r#","r":8,"lora_alpha":16"#);
    assert_eq!(plain.scale(QUERY_0).to_bits(), 2f64.to_bits());
    let root = rules(r#","r":16,"lora_alpha":16,"use_rslora":true"#);
    assert_eq!(root.scale(QUERY_0).to_bits(), 4f64.to_bits());
    let patterns = rules(
        r#","r":8,"lora_alpha":16,"rank_pattern":{"layer.1.attention.self.query":4,".*\\.0\\..*":2},"alpha_pattern":{"query":1}"#,
    );
    assert_eq!((patterns.rank(QUERY_0), patterns.rank(QUERY_1), patterns.rank("x.value")), (2, 4, 8));
    assert_eq!(patterns.scale(QUERY_0).to_bits(), 0.5f64.to_bits());
}

#[test]
fn the_first_pattern_that_matches_wins_whether_plain_or_not() {
    assert_eq!(rules(r#","rank_pattern":{".*query":1,"query":2}"#).rank(QUERY_0), 1);
    assert_eq!(rules(r#","rank_pattern":{"query":2,".*query":1}"#).rank(QUERY_0), 2);
    assert_eq!(rules(r#","rank_pattern":{"^query":1}"#).rank(QUERY_0), 8, "anchored to the beginning");
    assert_eq!(rules(r#","rank_pattern":{"^query":1}"#).rank("query"), 1);
    assert_eq!(rules(r#","rank_pattern":{"self\\.query":1}"#).rank(QUERY_0), 1);
}

#[test]
fn targets_that_match_nothing_are_named() {
    let listed = rules(r#","target_modules":["query","q_proj"]"#);
    assert_eq!(listed.unmatched(&[QUERY_0, "pooler.dense"]), ["q_proj"]);
    let pattern = rules(r#","target_modules":"x.*""#);
    assert_eq!(pattern.unmatched(&[QUERY_0]).len(), 1);
    assert!(pattern.unmatched(&["x.y"]).is_empty());
}

#[test]
fn every_linear_layer_can_be_meant() {
    let rules = rules(r#","target_modules":"All-Linear""#);
    assert!(rules.is_all_linear() && rules.targets(QUERY_0) && rules.unmatched(&[]).is_empty());
}

#[test]
fn feedforward_modules_match_by_their_end() {
    let rules = rules(r#","feedforward_modules":["output.dense"]"#);
    assert!(rules.is_feedforward("l.0.attention.output.dense") && rules.is_feedforward("x_output.dense"));
    assert!(!rules.is_feedforward("l.0.dense"));
}

#[test]
fn hostile_patterns_are_refused_or_run_in_linear_time() {
    for pattern in ["(", "a)|(b", r"(?=a)b", r"(a)\\1", "a{1000}{1000}{10}", &"a".repeat(20_000)] {
        for field in ["target_modules", "exclude_modules"] {
            let config = config(&format!(r#","{field}":"{pattern}""#));
            let refusal = Rules::compile(&config).expect_err(&excerpt(pattern));
            assert_eq!(refusal.finding("adapter_config.json").rule, "pattern_unsupported");
            assert!(refusal.to_string().len() < 600);
        }
        let config = config(&format!(r#","rank_pattern":{{"{pattern}(":1}}"#));
        assert!(Rules::compile(&config).is_err(), "{}", excerpt(pattern));
    }
    let started = std::time::Instant::now();
    assert!(!rules(r#","target_modules":"(a+)+b""#).targets(&"a".repeat(100_000)));
    assert!(started.elapsed().as_secs() < 5);
}

#[test]
fn thousands_of_ranks_and_special_patterns_stay_bounded() {
    let plain: Vec<String> = (0..20_000).map(|i| format!(r#""layers.{i}.q":{}"#, i + 1)).collect();
    let rules = rules(&format!(r#","rank_pattern":{{{}}}"#, plain.join(",")));
    assert_eq!(rules.rank("model.layers.19999.q"), 20_000);
    let special: Vec<String> = (0..1025).map(|i| format!(r#""x{i}.*":1"#)).collect();
    assert!(Rules::compile(&config(&format!(r#","rank_pattern":{{{}}}"#, special.join(",")))).is_err());
}
