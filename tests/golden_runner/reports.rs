//! The forms in which it is told what became of scripts.

use serde_json::Value;

use crate::folder::{Folder, SMALL};

/// Three scripts: one passes, one differs, one is a mistake; and a golden that is nobody's.
fn mixed() -> Folder {
    let folder = Folder::accepted(&[("a/ok.txt", SMALL), ("b/differs.txt", SMALL)]);
    folder.write("scripts/b/differs.txt", SMALL.replace("a 1", "a 100%,\u{e9}"));
    folder.write("scripts/wrong.txt", "joinServer 0\nputt 1 a 1\n");
    folder.write("snapshots/orphan.txt", "");
    folder
}

#[test]
fn one_object_a_line() {
    let said = mixed().test(&["--format", "json"]);
    let objects: Vec<Value> = said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [ok, differs, wrong, summary] = objects.as_slice() else { panic!("{}", said.out) };
    assert_eq!(ok["type"], "script");
    assert_eq!((&ok["script"], &ok["name"]), (&"scripts/a/ok.txt".into(), &"a/ok".into()));
    assert_eq!((&ok["status"], &ok["exit_code"]), (&"passed".into(), &0.into()));
    assert_eq!((&ok["files"], &ok["stderr"], &ok["accept"]), (&Value::Array(vec![]), &"".into(), &Value::Null));
    assert!(ok["wall_us"].as_u64().unwrap() > 0);
    assert_eq!(differs["accept"], "master test scripts/b/differs.txt --accept");
    assert_eq!(differs["repeat"], "master test scripts/b/differs.txt");
    let file = &differs["files"][0];
    assert_eq!((&file["path"], &file["finding"]), (&"snapshots/b/differs/transcript.txt".into(), &"differs".into()));
    assert_eq!(file["line"], 3);
    assert!(file["difference"].as_str().unwrap().starts_with("@@ -1,8 +1,8 @@\n 0.000000 joinServer 0\n"));
    assert_eq!((&wrong["status"], &wrong["exit_code"]), (&"mistake".into(), &2.into()));
    assert!(wrong["stderr"].as_str().unwrap().contains("did you mean `put`"));
    assert_eq!(summary["type"], "summary");
    assert_eq!(summary["statuses"], serde_json::json!({"passed": 1, "differs": 1, "mistake": 1}));
    assert_eq!(summary["unreferenced"], serde_json::json!(["snapshots/orphan.txt"]));
    assert_eq!((&summary["scripts"], &summary["exit_code"]), (&3.into(), &said.code.into()));
    assert_eq!(summary["interrupted"], false);
}

#[test]
fn workflow_commands_stand_beside_the_report_for_people() {
    let said = mixed().test(&["--format", "github"]).out;
    let commands: Vec<_> = said.lines().filter(|line| line.starts_with("::")).collect();
    let [differs, wrong, orphan] = commands.as_slice() else { panic!("{said}") };
    assert!(
        differs.starts_with("::error file=scripts/b/differs.txt,title=differs::snapshots/b/differs/transcript.txt:3: ")
    );
    assert!(differs.contains("%0A+0.000000 put 1 a 100%25,\u{e9}%0A"), "{differs}");
    assert!(wrong.starts_with("::error file=scripts/wrong.txt,line=2,title=mistake::"), "{wrong}");
    assert!(orphan.starts_with("::error file=snapshots/orphan.txt,title=unreferenced::"), "{orphan}");
    assert!(said.contains("3 scripts: 1 passed, 1 differs, 1 mistake, 1 golden that no script makes"), "{said}");
}

#[test]
fn the_xml_of_junit_stands_in_a_file_beside_another_report() {
    let folder = mixed();
    let said = folder.test(&["--junit", "report.xml"]);
    assert!(said.out.contains("3 scripts: "));
    let xml = folder.read("report.xml");
    assert!(xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"), "{xml}");
    for part in [
        "tests=\"4\" ",
        "<testcase name=\"ok\" classname=\"a\" ",
        "<testcase name=\"differs\" classname=\"b\" ",
        "<failure message=\"differs: snapshots/b/differs/transcript.txt: ",
        "<testcase name=\"wrong\" classname=\"splitbrain\" ",
        "<error message=\"mistake: error: there is no command ",
        "<testcase name=\"snapshots/orphan.txt\" classname=\"unreferenced\"",
    ] {
        assert!(xml.contains(part), "{part}\n{xml}");
    }
    let said = folder.test(&["--junit", "nowhere/report.xml"]);
    assert_eq!(said.code, 4);
    assert!(said.err.contains("could not write nowhere/report.xml"), "{}", said.err);
    assert!(said.out.contains("3 scripts: "), "the report for people is whole: {}", said.out);
}

#[test]
fn colours_are_for_those_who_want_them() {
    let folder = mixed();
    let with = |arguments: &[&str], variable: Option<&str>| {
        let mut command = folder.command(arguments);
        command.envs(variable.map(|name| (name, "1")));
        folder.said(&command.output().unwrap()).out
    };
    assert!(!with(&[], None).contains('\x1b'), "it is no terminal");
    let coloured = with(&["--color", "always"], Some("NO_COLOR"));
    assert!(coloured.contains("\x1b[31m-0.000000 put 1 a 1\x1b[0m"), "{coloured}");
    assert!(with(&[], Some("CLICOLOR_FORCE")).contains('\x1b'));
    assert!(!with(&["--color", "never"], Some("CLICOLOR_FORCE")).contains('\x1b'));
    assert!(!with(&["--color", "always", "--format", "json"], None).contains('\x1b'));
}

/// Standard error is for the bar, and that is for terminals.
#[test]
fn nothing_is_said_on_standard_error() {
    assert_eq!(mixed().test(&[]).err, "");
}
