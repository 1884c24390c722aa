//! Account management: which regions an account has enabled.

use aws_sdk_account::Client;
use aws_sdk_account::types::RegionOptStatus::{Enabled, EnabledByDefault, Enabling};

use crate::clients::aws::Aws;
use crate::clients::failure::Failure;
use crate::domain::endpoints::Service;
use crate::domain::ids::Region;
use crate::domain::pages::Pages;
use crate::domain::role_credentials::RoleCredentials;

const SERVICE: &str = Service::Account.called();
const PAGE: i32 = 50;

/// The account that role credentials are of.
#[derive(Debug)]
pub struct Accounts(Client);

impl Accounts {
    /// A client that signs as the role; the service has one endpoint in each partition, whatever the region.
    pub fn new(aws: &Aws, region: &Region, credentials: &RoleCredentials) -> Self {
        Self(Client::new(&aws.config(region, aws.endpoints.account.as_ref(), Some(credentials))))
    }

    /// ListRegions: those that are enabled, or about to be. Few roles may ask (`account:ListRegions`).
    pub async fn regions(&self) -> Result<Vec<Region>, Failure> {
        let (mut regions, mut pages, mut next) = (Vec::new(), Pages::default(), None);
        loop {
            let call = self.0.list_regions().max_results(PAGE).set_next_token(next);
            let call = [Enabled, EnabledByDefault, Enabling]
                .into_iter()
                .fold(call, |call, status| call.region_opt_status_contains(status));
            let page = call.send().await.map_err(|error| Failure::new(SERVICE, &error))?;
            let names = page.regions.unwrap_or_default().into_iter().filter_map(|region| region.region_name);
            // A region whose name makes no sense cannot be asked for clusters either.
            regions.extend(names.filter_map(|name| name.parse().ok()));
            next = pages.next(page.next_token).map_err(|endless| Failure::nonsense(SERVICE, endless))?;
            if next.is_none() {
                return Ok(regions);
            }
        }
    }
}
