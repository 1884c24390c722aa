//! Partitions: groups of regions that share DNS names, ARN prefixes and nothing else.

use serde::{Deserialize, Serialize};

use crate::domain::ids::Region;

/// A group of regions with its own DNS names and ARN prefix. Source: botocore `partitions.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Partition {
    /// Commercial regions; also what an unknown region falls to, as in the SDKs.
    Aws,
    /// China.
    AwsCn,
    /// GovCloud (US).
    AwsUsGov,
    /// European Sovereign Cloud.
    AwsEusc,
    /// US ISO.
    AwsIso,
    /// US ISOB.
    AwsIsoB,
    /// EU ISOE.
    AwsIsoE,
    /// US ISOF.
    AwsIsoF,
}

impl Partition {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Aws,
        Self::AwsCn,
        Self::AwsUsGov,
        Self::AwsEusc,
        Self::AwsIso,
        Self::AwsIsoB,
        Self::AwsIsoE,
        Self::AwsIsoF,
    ];

    /// How ARNs name it.
    pub fn arn(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::AwsCn => "aws-cn",
            Self::AwsUsGov => "aws-us-gov",
            Self::AwsEusc => "aws-eusc",
            Self::AwsIso => "aws-iso",
            Self::AwsIsoB => "aws-iso-b",
            Self::AwsIsoE => "aws-iso-e",
            Self::AwsIsoF => "aws-iso-f",
        }
    }

    /// The partition that ARNs call so.
    pub fn from_arn(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|partition| partition.arn() == name)
    }

    /// The region that is asked where nobody names one.
    pub fn usual_region(self) -> Region {
        let first = self.eks_regions().first().copied().unwrap_or("us-east-1");
        // Names of this table are valid: a test says so.
        first.parse().unwrap_or_else(|_| unreachable!("{first} is a region"))
    }

    /// The DNS suffix of ordinary endpoints.
    pub fn dns_suffix(self) -> &'static str {
        match self {
            Self::Aws | Self::AwsUsGov => "amazonaws.com",
            Self::AwsCn => "amazonaws.com.cn",
            Self::AwsEusc => "amazonaws.eu",
            Self::AwsIso => "c2s.ic.gov",
            Self::AwsIsoB => "sc2s.sgov.gov",
            Self::AwsIsoE => "cloud.adc-e.uk",
            Self::AwsIsoF => "csp.hci.ic.gov",
        }
    }

    /// The DNS suffix of dual-stack endpoints.
    pub fn dual_stack_suffix(self) -> &'static str {
        match self {
            Self::Aws | Self::AwsUsGov => "api.aws",
            Self::AwsCn => "api.amazonwebservices.com.cn",
            Self::AwsEusc => "api.amazonwebservices.eu",
            Self::AwsIso => "api.aws.ic.gov",
            Self::AwsIsoB => "api.aws.scloud",
            Self::AwsIsoE => "api.cloud-aws.adc-e.uk",
            Self::AwsIsoF => "api.aws.hci.ic.gov",
        }
    }

    /// The regions where EKS runs, for a search "everywhere". New ones can be named in `regions` of config.toml.
    pub fn eks_regions(self) -> &'static [&'static str] {
        match self {
            Self::Aws => &[
                "us-east-1",
                "us-east-2",
                "us-west-1",
                "us-west-2",
                "af-south-1",
                "ap-east-1",
                "ap-east-2",
                "ap-northeast-1",
                "ap-northeast-2",
                "ap-northeast-3",
                "ap-south-1",
                "ap-south-2",
                "ap-southeast-1",
                "ap-southeast-2",
                "ap-southeast-3",
                "ap-southeast-4",
                "ap-southeast-5",
                "ap-southeast-6",
                "ap-southeast-7",
                "ca-central-1",
                "ca-west-1",
                "eu-central-1",
                "eu-central-2",
                "eu-north-1",
                "eu-south-1",
                "eu-south-2",
                "eu-west-1",
                "eu-west-2",
                "eu-west-3",
                "il-central-1",
                "me-central-1",
                "me-south-1",
                "mx-central-1",
                "sa-east-1",
            ],
            Self::AwsCn => &["cn-north-1", "cn-northwest-1"],
            Self::AwsUsGov => &["us-gov-west-1", "us-gov-east-1"],
            Self::AwsEusc => &["eusc-de-east-1"],
            Self::AwsIso => &["us-iso-east-1", "us-iso-west-1"],
            Self::AwsIsoB => &["us-isob-east-1"],
            Self::AwsIsoE => &["eu-isoe-west-1"],
            Self::AwsIsoF => &["us-isof-east-1", "us-isof-south-1"],
        }
    }
}

impl Region {
    /// The partition this region's name belongs to.
    pub fn partition(&self) -> Partition {
        match self.as_str().as_bytes() {
            [b'c', b'n', b'-', ..] => Partition::AwsCn,
            [b'u', b's', b'-', b'g', b'o', b'v', b'-', ..] => Partition::AwsUsGov,
            [b'e', b'u', b's', b'c', b'-', ..] => Partition::AwsEusc,
            [b'u', b's', b'-', b'i', b's', b'o', b'-', ..] => Partition::AwsIso,
            [b'u', b's', b'-', b'i', b's', b'o', b'b', b'-', ..] => Partition::AwsIsoB,
            [b'e', b'u', b'-', b'i', b's', b'o', b'e', b'-', ..] => Partition::AwsIsoE,
            [b'u', b's', b'-', b'i', b's', b'o', b'f', b'-', ..] => Partition::AwsIsoF,
            _ => Partition::Aws,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_by_its_name_and_has_a_usual_region() {
        for partition in Partition::ALL {
            assert_eq!(Partition::from_arn(partition.arn()), Some(partition));
            assert_eq!(partition.usual_region().partition(), partition);
        }
        assert_eq!(Partition::from_arn("aws-evil"), None);
    }

    #[test]
    fn an_unknown_region_falls_to_the_commercial_partition() {
        assert_eq!("xx-nowhere-9".parse::<Region>().expect("shape").partition(), Partition::Aws);
    }
}
