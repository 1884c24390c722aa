//! Words and tables: how results look on a terminal, in JSON and as names.

pub mod findings;
pub mod lines;
pub mod page;
pub mod qr;
pub mod say;
pub mod table;
