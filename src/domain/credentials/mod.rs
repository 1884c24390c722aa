//! What a role gets: the EKS token, and the exec credential that carries it to kubectl; its own credentials, for programs that
//! ask for them.

pub mod console;
pub mod container;
pub mod eks_token;
pub mod exec_credential;
