//! Findings against the schema of SARIF 2.1.0, by a foreign validator.

use std::path::Path;
use std::process::Command;

use crate::audit::output::everything_as_sarif;
use crate::real::parts::{good, part};

const VALIDATE: &str = "import json, sys, jsonschema\n\
    schema, log = (json.load(open(name)) for name in sys.argv[1:])\n\
    errors = [f'{list(e.absolute_path)}: {e.message}' for e in jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker()).iter_errors(log)]\n\
    print(len(log['runs'][0]['results'])); print('\\n'.join(errors[:20])); sys.exit(bool(errors))";

#[test]
#[ignore = "real part: jsonschema (Python)"]
fn the_schema_of_sarif_takes_findings() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("eksso.sarif");
    std::fs::write(&file, everything_as_sarif().to_string()).expect("written");
    let python = part("kubectl-1.35").ancestors().nth(2).expect("the parts").join("clients/python/bin/python3");
    // Of the crate serde-sarif 0.8.0, which has it from the SARIF specification.
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audit/sarif-schema-2.1.0.json");
    let said = good(Command::new(python).args(["-c", VALIDATE]).args([&schema, &file]));
    let results: usize = said.lines().next().expect("a number").parse().expect("a number");
    assert!(results > 40, "{said}");
}
