//! The table of tests/access/iam.rs, judged by somebody else: `@cloud-copilot/iam-simulate`, which no release carries
//! (AGPL).

use std::path::Path;
use std::process::Command;

use super::parts::{good, part};
use crate::access::iam::{table, table_file};

#[test]
#[ignore = "real part: iam-simulate"]
fn iam_simulate_judges_the_table_as_we_do() {
    let parts = part("kubectl-1.35").ancestors().nth(2).expect("the parts").join("clients/iam-simulate");
    assert!(parts.exists(), "{} is missing: run tests/run", parts.display());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real/clients/iam_simulate.mjs");
    let answers = good(Command::new("node").arg(script).arg(parts).arg(table_file()));
    let answers: Vec<&str> = answers.lines().collect();
    let table = table();
    let rows = table["rows"].as_array().expect("rows");
    assert_eq!(answers.len(), rows.len());
    // Rows that it cannot judge say why, and stand for our reading of the IAM user guide.
    let judged: Vec<_> = rows.iter().zip(answers).filter(|(row, _)| row.get("guide").is_none()).collect();
    assert!(judged.len() >= 170, "{} rows", judged.len());
    let wrong: Vec<String> = judged
        .iter()
        .filter(|(row, answer)| row["is"] != **answer)
        .map(|(row, answer)| format!("{row}: {answer}"))
        .collect();
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), judged.len(), wrong.join("\n"));
}
