// Judges the rows of a table with @cloud-copilot/iam-simulate, one answer a line: `node iam_simulate.mjs PARTS TABLE`.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [parts, file] = process.argv.slice(2);
const module = createRequire(`${parts}/package.json`).resolve('@cloud-copilot/iam-simulate');
const { runSimulation } = await import(pathToFileURL(module));
const { policies, trusts, principals, rows } = JSON.parse(readFileSync(file));
const named = (names) => names.map((name) => ({ name, policy: policies[name] }));
const words = { Allowed: 'allowed', ExplicitlyDenied: 'denied', ImplicitlyDenied: 'none' };

for (const row of rows) {
  const who = principals[row.who];
  const contextVariables = { ...row.keys };
  let principal = row.who.replace(/^[a-z]+:/, '');
  if (who) {
    principal = who.arn;
    const [, , , , account, resource] = who.arn.split(':');
    Object.assign(contextVariables, { 'aws:PrincipalArn': who.arn, 'aws:PrincipalAccount': account, 'aws:PrincipalIsAWSService': 'false' });
    for (const [tag, value] of Object.entries(who.tags ?? {})) contextVariables[`aws:PrincipalTag/${tag}`] = value;
    if (row.session) principal = `arn:aws:sts::${account}:assumed-role/${resource.split('/').at(-1)}/${row.session}`;
  }
  const inGroups = Object.values(who?.groups ?? {}).flat();
  const account = row.on.split(':')[4] || (who ? who.arn.split(':')[4] : '111122223333');
  const simulation = {
    request: { principal, action: row.action, resource: { resource: row.on, accountId: account }, contextVariables },
    identityPolicies: named([...(who?.policies ?? []), ...inGroups]),
    serviceControlPolicies: (who?.levels ?? []).map((level, index) => ({ orgIdentifier: `level-${index}`, policies: named(level) })),
    resourceControlPolicies: [],
  };
  if (who?.boundary) simulation.permissionBoundaryPolicies = named([who.boundary]);
  if (row.trust) simulation.resourcePolicy = trusts[row.trust];
  let answer;
  try {
    const result = await runSimulation(simulation, {});
    answer = words[result.overallResult] ?? JSON.stringify(result.errors ?? result);
  } catch (error) {
    answer = String(error);
  }
  console.log(answer.replaceAll('\n', ' ').slice(0, 300));
}
