//! What `eksso scaffold` makes, judged by real programs.

mod iam;
