//! Words and tables: how results look on a terminal, in JSON and as names.

pub mod findings;
pub mod fitting;
pub mod growing;
pub mod lines;
pub mod page;
pub mod qr;
pub mod say;
pub mod sections;
pub mod table;
