use std::collections::BTreeSet;
use std::fmt::Write as _;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::domain::interface::{AttachPoint, Dim, Port};

/// A case of `golden/`: two contracts, two versions, and what is said of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What the case shows, for people.
    #[serde(rename = "about")]
    _about: String,
    #[serde(default)]
    before: Side,
    #[serde(default)]
    after: Side,
    /// The release before, and the version that the new one wants.
    versions: (Version, Version),
    /// Other versions that are taken.
    #[serde(default)]
    taken: Vec<Version>,
    expected: String,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Side {
    #[serde(default)]
    interface: Interface,
    #[serde(default)]
    requires: Vec<Requirement>,
}

impl Side {
    fn contract(&self) -> Contract<'_> {
        Contract { interface: &self.interface, requires: &self.requires }
    }
}

fn told(case: &Case) -> String {
    let (baseline, version) = &case.versions;
    let demands = demand(case.before.contract(), case.after.contract());
    let mut taken = case.taken.clone();
    taken.push(baseline.clone());
    let (findings, small) = judge(&demands, baseline, version, &taken);
    let mut text = String::new();
    for Demand { bump, finding } in &demands {
        writeln!(text, "{} {}: {}", bump.as_str(), finding.rule, finding.message).unwrap();
    }
    for finding in findings {
        let word = if finding.refuses() { "refused" } else { "warned" };
        writeln!(text, "{word} {}: {}", finding.rule, finding.remedy).unwrap();
    }
    match small {
        Some(small) => writeln!(text, "{version} is too small; {} would do", small.smallest).unwrap(),
        None => writeln!(text, "{version} is large enough").unwrap(),
    }
    text
}

#[test]
fn golden_cases_are_judged_as_they_say() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/contract");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 12, "{}", files.len());
    let mut wrong = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let case: Case = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let told = told(&case);
        if told.trim() != case.expected.trim() {
            wrong.push(format!("{}:\n{told}\ninstead of\n{}", file.display(), case.expected));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_rule_has_its_own_name_and_its_own_edits() {
    let ids: BTreeSet<_> = RULES.iter().map(|rule| rule.id).collect();
    let edits: BTreeSet<_> = RULES.iter().map(|rule| rule.looks_at).collect();
    assert_eq!((ids.len(), edits.len()), (RULES.len(), RULES.len()));
}

#[test]
fn the_page_on_rules_has_each_of_them_as_it_is() {
    let page = include_str!("../../../docs/rules.md");
    for rule in RULES {
        let severity = serde_json::to_value(rule.severity).unwrap();
        let row = format!(
            "| `{}` | {} | {} | {} |",
            rule.id,
            rule.bump.as_str(),
            severity.as_str().unwrap(),
            rule.message.replace("`{name}`", "`…`").replace("{name}", "…"),
        );
        assert!(page.contains(&row), "docs/rules.md lacks\n{row}");
    }
}

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

#[test]
fn versions_are_apart_as_cargo_counts() {
    for (from, to, bump) in [
        ("1.2.3", "1.2.4", Bump::Patch),
        ("1.2.3", "1.3.0", Bump::Minor),
        ("1.2.3", "2.0.0", Bump::Major),
        ("1.2.3", "2.0.0-rc.1", Bump::Major),
        ("0.2.3", "0.2.4", Bump::Minor),
        ("0.2.3", "0.3.0", Bump::Major),
        ("0.2.3", "1.0.0", Bump::Major),
        ("0.0.3", "0.0.4", Bump::Major),
    ] {
        assert_eq!(Bump::between(&version(from), &version(to)), bump, "{from} to {to}");
    }
}

#[test]
fn a_release_is_held_against_the_latest_one_before_it() {
    let published = ["1.0.0", "1.4.0", "2.0.0-rc.1", "2.0.0"].map(version);
    for (new, expected) in [
        ("0.9.0", None),
        ("1.0.1", Some("1.0.0")),
        ("1.4.1", Some("1.4.0")),
        ("2.0.0-rc.2", Some("1.4.0")),
        ("2.1.0", Some("2.0.0")),
    ] {
        assert_eq!(baseline(&version(new), &published), expected.map(version).as_ref(), "{new}");
    }
}

#[test]
fn the_smallest_version_is_free_and_after_all_that_is_in_the_way() {
    let taken = ["1.4.0", "1.5.0", "2.0.0", "2.1.0", "3.0.0-rc.1"].map(version);
    for (from, bump, wanted, expected) in [
        ("1.5.0", Bump::Minor, "1.5.1", "1.6.0"),
        ("1.4.0", Bump::Minor, "1.4.1", "1.6.0"),
        ("1.5.0", Bump::Major, "1.5.1", "3.0.0"),
        ("2.1.0", Bump::Major, "2.1.1-beta.2", "3.0.0-beta.2"),
        ("2.1.0", Bump::Major, "2.1.1-rc.1", "3.0.0"),
        ("0.3.1", Bump::Major, "0.3.2", "0.4.0"),
        ("0.3.1", Bump::Minor, "0.3.1", "0.3.2"),
        ("0.0.3", Bump::Minor, "0.0.3", "0.0.4"),
    ] {
        let found = smallest(&version(from), bump, &version(wanted), &taken);
        assert_eq!(found, version(expected), "{bump:?} from {from}");
    }
}

fn dims() -> impl Strategy<Value = Vec<Dim>> {
    let dim = prop_oneof![
        (1_u64..4).prop_map(Dim::Fixed),
        prop_oneof![Just("batch"), Just("sequence"), Just("n")].prop_map(|name| Dim::Symbol(name.into())),
    ];
    prop::collection::vec(dim, 0..3)
}

fn word() -> impl Strategy<Value = Option<String>> {
    prop::option::of(prop_oneof![Just("a".to_owned()), Just("b".to_owned())])
}

fn ports() -> impl Strategy<Value = Vec<Port>> {
    let port = (
        prop_oneof![Just("x"), Just("y"), Just("z")],
        prop_oneof![Just("float32"), Just("int64")],
        dims(),
        (word(), word(), word(), word(), word()),
        prop::collection::vec(prop_oneof![Just("cat".to_owned()), Just("dog".to_owned())], 0..3),
        any::<bool>(),
    )
        .prop_map(|(name, dtype, dims, words, classes, optional)| Port {
            name: name.into(),
            dtype: dtype.into(),
            dims,
            semantics: words.0,
            normalisation: words.1,
            vocabulary: words.2,
            modality: words.3,
            origin: words.4,
            classes,
            optional,
        });
    prop::collection::vec(port, 0..3).prop_map(|mut ports| {
        ports.sort_by(|one, other| one.name.cmp(&other.name));
        ports.dedup_by(|one, other| one.name == other.name);
        ports
    })
}

fn interfaces() -> impl Strategy<Value = Interface> {
    let point = (prop_oneof![Just("p"), Just("q")], prop_oneof![Just("float32"), Just("float16")], 1_u64..3)
        .prop_map(|(name, dtype, size)| AttachPoint {
            name: name.into(),
            dtype: dtype.into(),
            shape: vec![size],
        });
    let points = prop::collection::vec(point, 0..3).prop_map(|mut points| {
        points.sort();
        points.dedup_by(|one, other| one.name == other.name);
        points
    });
    let implements = prop::collection::btree_set(
        prop_oneof![Just("t/one/v1".to_owned()), Just("t/two/v1".to_owned())],
        0..3,
    );
    (ports(), ports(), points, (word(), word(), word(), word(), word()), implements).prop_map(
        |(inputs, outputs, attach_points, words, implements)| Interface {
            inputs,
            outputs,
            precision: words.0,
            architecture: words.1,
            tokenizer: words.2,
            chat_template: words.3,
            quantisation: words.4,
            implements: implements.into_iter().collect(),
            attach_points,
        },
    )
}

fn requirements() -> impl Strategy<Value = Vec<Requirement>> {
    let one = (prop_oneof![Just("t/one"), Just("T/two")], prop_oneof![Just("^1"), Just(">=2")]);
    prop::collection::btree_map(one.0, one.1, 0..3).prop_map(|all| {
        let requirement = |(module, range): (&str, &str)| Requirement {
            module: module.parse().unwrap(),
            version: range.parse().unwrap(),
            home: None,
        };
        all.into_iter().map(requirement).collect()
    })
}

proptest! {
    #[test]
    fn a_contract_does_not_differ_from_itself(interface in interfaces(), requires in requirements()) {
        let contract = Contract { interface: &interface, requires: &requires };
        prop_assert_eq!(edits(contract, contract), vec![]);
    }

    #[test]
    fn every_edit_has_a_rule(before in interfaces(), after in interfaces(), old in requirements(), new in requirements()) {
        let before = Contract { interface: &before, requires: &old };
        let after = Contract { interface: &after, requires: &new };
        for edit in edits(before, after) {
            prop_assert!(rule(&edit).is_some(), "{:?}", edit);
        }
    }

    #[test]
    fn equal_contracts_alone_have_no_edits(before in interfaces(), after in interfaces()) {
        // But for the names of dimensions, which may change.
        let anonymous = |interface: &Interface| {
            let mut interface = interface.clone();
            for dim in interface.inputs.iter_mut().chain(&mut interface.outputs).flat_map(|port| &mut port.dims) {
                if matches!(dim, Dim::Symbol(_)) {
                    *dim = Dim::Symbol("any".into());
                }
            }
            interface
        };
        let (one, other) = (anonymous(&before), anonymous(&after));
        let (before, after) =
            (Contract { interface: &one, requires: &[] }, Contract { interface: &other, requires: &[] });
        prop_assert_eq!(edits(before, after).is_empty(), one == other);
    }

    #[test]
    fn the_smallest_version_would_do(
        numbers in (0_u64..3, 0_u64..3, 0_u64..3),
        taken in prop::collection::vec((0_u64..4, 0_u64..4, 0_u64..4), 0..12),
        bump in prop_oneof![Just(Bump::Minor), Just(Bump::Major)],
    ) {
        let of = |(a, b, c): (u64, u64, u64)| version(&format!("{a}.{b}.{c}"));
        let from = of(numbers);
        let mut taken: Vec<Version> = taken.into_iter().map(of).collect();
        taken.push(from.clone());
        let found = smallest(&from, bump, &from, &taken);
        prop_assert!(found > from && !taken.contains(&found));
        let held_against = baseline(&found, &taken).unwrap();
        prop_assert!(Bump::between(held_against, &found) >= bump, "{found} after {held_against}");
    }
}
