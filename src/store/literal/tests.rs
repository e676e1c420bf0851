//! Literals against what CPython prints of them, and against themselves.

use proptest::prelude::*;

use super::{Flaw, Literal, read};
use crate::base::limits;
use crate::store::Value;

/// A literal, and `repr(ast.literal_eval(it))` of CPython 3.11.
const PRINTED_BY_PYTHON: &[(&str, &str)] = &[
    ("'a'", "'a'"),
    (r#""a""#, "'a'"),
    ("''", "''"),
    (r"'it\'s'", r#""it's""#),
    (r#""it's""#, r#""it's""#),
    (r#""say \"no\"""#, r#"'say "no"'"#),
    (r#"'both \' and "'"#, r#"'both \' and "'"#),
    (r#"'''three 'quotes' "here"'''"#, r#"'three \'quotes\' "here"'"#),
    (r#""""a""""#, "'a'"),
    (r"r'\d'", r"'\\d'"),
    ("u'x'", "'x'"),
    (r#"R"a\"b""#, r#"'a\\"b'"#),
    (r"'\n\t\r\\'", r"'\n\t\r\\'"),
    (r"'\a\b\f\v\0\x1f\x7f'", r"'\x07\x08\x0c\x0b\x00\x1f\x7f'"),
    (r"'\101\7'", r"'A\x07'"),
    (r"'\xe9\u65e5\U0001f600'", "'é日😀'"),
    (r"'\q'", r"'\\q'"),
    ("'é日本😀'", "'é日本😀'"),
    (r"'\u200b\xa0\u3000'", r"'\u200b\xa0\u3000'"),
    (r"'\ue000\U000e0001'", r"'\ue000\U000e0001'"),
    ("0", "0"),
    ("1", "1"),
    ("-5", "-5"),
    ("+7", "7"),
    ("0xff", "255"),
    ("-0o17", "-15"),
    ("0b101", "5"),
    ("1_000", "1000"),
    ("00", "0"),
    ("0_0", "0"),
    ("-0", "0"),
    ("123456789012345678901234567890", "123456789012345678901234567890"),
    ("-9223372036854775808", "-9223372036854775808"),
    ("9223372036854775808", "9223372036854775808"),
    ("0xffffffffffffffffffffffff", "79228162514264337593543950335"),
    ("0.0", "0.0"),
    ("-0.0", "-0.0"),
    ("-1113178120592002.3", "-1113178120592002.2"),
    ("-233891771783429.63", "-233891771783429.62"),
    ("1.0", "1.0"),
    ("1.", "1.0"),
    (".5", "0.5"),
    ("-2.50", "-2.5"),
    ("0.1", "0.1"),
    ("1e5", "100000.0"),
    ("1E+5", "100000.0"),
    ("1e15", "1000000000000000.0"),
    ("1e16", "1e+16"),
    ("1e20", "1e+20"),
    ("123456789012345.6", "123456789012345.6"),
    ("1234567890123456.7", "1234567890123456.8"),
    ("12345678901234567.8", "1.2345678901234568e+16"),
    ("0.0001", "0.0001"),
    ("0.00001", "1e-05"),
    ("1e-5", "1e-05"),
    ("0.00012345", "0.00012345"),
    ("5e-324", "5e-324"),
    ("1.7976931348623157e308", "1.7976931348623157e+308"),
    ("2.2250738585072014e-308", "2.2250738585072014e-308"),
    ("1e22", "1e+22"),
    ("1e23", "1e+23"),
    ("9007199254740993.0", "9007199254740992.0"),
    ("0.30000000000000004", "0.30000000000000004"),
    ("1_0.0_1", "10.01"),
    ("1e0_5", "100000.0"),
    ("100000000000000000000.0", "1e+20"),
    ("4.35", "4.35"),
    ("2.675", "2.675"),
    ("1e-400", "0.0"),
    ("9.5367431640625e-07", "9.5367431640625e-07"),
    ("123456.789e3", "123456789.0"),
    ("None", "None"),
    ("True", "True"),
    ("False", "False"),
    ("()", "()"),
    ("(1,)", "(1,)"),
    ("(1)", "1"),
    ("((1,),)", "((1,),)"),
    ("(1, 2,)", "(1, 2)"),
    ("( 1 ,'a' )", "(1, 'a')"),
    ("[]", "[]"),
    ("[1,'a',None]", "[1, 'a', None]"),
    ("[[],[[]]]", "[[], [[]]]"),
    ("[1,]", "[1]"),
    ("{}", "{}"),
    ("{'a':1}", "{'a': 1}"),
    ("{'b':1,'a':2}", "{'b': 1, 'a': 2}"),
    ("{'phone': -5}", "{'phone': -5}"),
    ("{1:'a',True:'b'}", "{1: 'b'}"),
    ("{1:'a',1.0:'b',2:'c'}", "{1: 'b', 2: 'c'}"),
    ("{(1,2):[{}],}", "{(1, 2): [{}]}"),
    ("{'a':{'b':{'c':None}}}", "{'a': {'b': {'c': None}}}"),
    ("{0.0:1,-0.0:2}", "{0.0: 2}"),
    ("{'1':1,1:2}", "{'1': 1, 1: 2}"),
    ("{1}", "{1}"),
    ("{1,1.0,True}", "{1}"),
    ("{True,1}", "{True}"),
    ("{(1,2),(1.0,2)}", "{(1, 2)}"),
    ("{'a'}", "{'a'}"),
    ("set()", "set()"),
    ("{1,}", "{1}"),
    (r#"['"',"'"]"#, r#"['"', "'"]"#),
    (r#"["it's",'"']"#, r#"["it's", '"']"#),
];

fn repr(text: &str) -> String {
    match read(text) {
        Ok((literal, length)) => {
            assert_eq!(length, text.len(), "{text}");
            literal.to_string()
        }
        Err(misread) => panic!("{text}: {misread} at {:?}", misread.range),
    }
}

#[test]
fn literals_print_as_python_prints_them() {
    for (text, printed) in PRINTED_BY_PYTHON {
        assert_eq!(repr(text), *printed, "{text}");
        assert_eq!(repr(printed), *printed, "{text}");
    }
}

#[test]
fn a_set_is_printed_in_the_order_of_values() {
    assert_eq!(repr("{10, 9, 'b', 'a', None, 2.5}"), "{'a', 'b', 9, 10, 2.5, None}");
}

#[test]
fn reading_stops_behind_the_literal() {
    for (text, length) in [("1 2", 1), ("'a' 'b'", 3), ("{'a': 1})", 8), ("[1],", 3), ("''''''a", 6), ("-5,", 2)] {
        assert_eq!(read(text).unwrap().1, length, "{text}");
    }
}

#[test]
fn what_is_wrong_is_said_where_it_is() {
    let cases: &[(&str, Flaw, std::ops::Range<usize>)] = &[
        ("", Flaw::Missing, 0..0),
        ("a", Flaw::Name("a".to_owned()), 0..1),
        ("[1, größe]", Flaw::Name("größe".to_owned()), 4..11),
        ("true", Flaw::Name("true".to_owned()), 0..4),
        ("dict()", Flaw::Name("dict".to_owned()), 0..4),
        ("x'a'", Flaw::Name("x".to_owned()), 0..1),
        ("*", Flaw::NoBeginning('*'), 0..1),
        ("-", Flaw::NoBeginning('-'), 0..1),
        ("--5", Flaw::NoBeginning('-'), 0..1),
        ("-'a'", Flaw::NoBeginning('-'), 0..1),
        ("'a", Flaw::OpenText, 0..2),
        (r"'a\", Flaw::OpenText, 0..3),
        (r"'a\'", Flaw::OpenText, 0..4),
        ("'''a'", Flaw::OpenText, 0..5),
        ("[1, 2", Flaw::Open(']'), 0..1),
        ("{'a': (1}", Flaw::NoComma, 8..9),
        ("{'a': 1", Flaw::Open('}'), 0..1),
        ("[1 2]", Flaw::NoComma, 3..4),
        ("['a' 'b']", Flaw::NoComma, 5..6),
        ("[,]", Flaw::NoBeginning(','), 1..2),
        ("[1,,2]", Flaw::NoBeginning(','), 3..4),
        ("{'a': 1, 'b'}", Flaw::NoColon, 9..12),
        ("{1, 'b': 2}", Flaw::Mixed, 4..10),
        ("{'a':}", Flaw::NoBeginning('}'), 5..6),
        (r"'\x1'", Flaw::Escape, 1..4),
        (r"'\U00110000'", Flaw::Escape, 1..11),
        (r"'\ud800'", Flaw::Surrogate, 1..7),
        (r"'\N{DASH}'", Flaw::NamedLetter, 1..3),
        ("b'a'", Flaw::Bytes, 0..1),
        ("Rb'a'", Flaw::Bytes, 0..2),
        ("f'{x}'", Flaw::Formatted, 0..1),
        ("1x", Flaw::NoNumber, 0..2),
        ("1__0", Flaw::NoNumber, 0..4),
        ("1_", Flaw::NoNumber, 0..2),
        ("0o9", Flaw::NoNumber, 0..3),
        ("0x", Flaw::NoNumber, 0..2),
        ("1e", Flaw::NoNumber, 0..2),
        ("1.2.3", Flaw::NoNumber, 0..5),
        (".", Flaw::NoNumber, 0..1),
        ("007", Flaw::LeadingZero, 0..3),
        ("3j", Flaw::Complex, 0..2),
        ("1e999", Flaw::TooLarge, 0..5),
        ("{[]: 1}", Flaw::Unhashable, 1..3),
        ("{1, {}}", Flaw::Unhashable, 4..6),
        ("{(1, [])}", Flaw::Unhashable, 1..8),
    ];
    for (text, flaw, range) in cases {
        let misread = read(text).expect_err(text);
        assert_eq!((&misread.flaw, &misread.range), (flaw, range), "{text}");
    }
    let behind = Value::from_literal("'a' ,").unwrap_err();
    assert_eq!((behind.flaw, behind.range), (Flaw::Behind, 4..5));
}

#[test]
fn literals_have_bounds() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(repr(&nested(limits::LITERAL_DEPTH)), nested(limits::LITERAL_DEPTH));
    let deep = limits::LITERAL_DEPTH..limits::LITERAL_DEPTH + 1;
    for text in [nested(limits::LITERAL_DEPTH + 1), "[".repeat(1 << 20), "([[".repeat(1 << 18)] {
        let misread = read(&text).unwrap_err();
        assert_eq!((misread.flaw, misread.range), (Flaw::TooDeep, deep.clone()));
    }
    let digits = "9".repeat(limits::LITERAL_DIGITS);
    assert_eq!(repr(&digits), digits);
    let largest = format!("-0x{}", "f".repeat(3_500));
    assert!(repr(&largest).starts_with("-26299003"));
    for text in [format!("{digits}0"), format!("0x{}", "f".repeat(3_600)), "1".repeat(1 << 20)] {
        assert_eq!(read(&text).unwrap_err().flaw, Flaw::TooManyDigits);
    }
}

fn literals() -> impl Strategy<Value = Literal> {
    let leaf = prop_oneof![
        Just(Literal::None),
        any::<bool>().prop_map(Literal::Boolean),
        any::<i128>().prop_map(|number| Literal::Integer(number.to_string())),
        any::<f64>().prop_filter("Python writes no such literal", |number| number.is_finite()).prop_map(Literal::Float),
        any::<String>().prop_map(Literal::Text),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        let members = proptest::collection::vec(inner.clone(), 0..6);
        let pairs = proptest::collection::btree_map(any::<String>(), inner, 0..6);
        let pairs = pairs.prop_map(|pairs| pairs.into_iter().map(|(key, value)| (Literal::Text(key), value)).collect());
        prop_oneof![
            members.clone().prop_map(Literal::Tuple),
            members.prop_map(Literal::List),
            pairs.prop_map(Literal::Dictionary),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_printed_is_read_again(literal in literals()) {
        let text = literal.to_string();
        let (again, length) = read(&text).unwrap();
        prop_assert_eq!(length, text.len());
        prop_assert_eq!(again.to_string(), text);
        prop_assert_eq!(again, literal);
    }

    #[test]
    fn no_text_is_too_much(text in r#"[-+0-9a-fjxou_.'"\\\[\]{}(),: É]{0,40}"#) {
        match read(&text) {
            Ok((literal, length)) => {
                let printed = literal.to_string();
                prop_assert!(length <= text.len());
                prop_assert_eq!(read(&printed).unwrap().0.to_string(), printed);
            }
            Err(misread) => prop_assert!(text.get(misread.range.clone()).is_some(), "{:?}", misread),
        }
    }
}
