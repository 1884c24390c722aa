//! What a role gets: the EKS token, and the exec credential that carries it to kubectl.

pub mod eks_token;
pub mod exec_credential;
