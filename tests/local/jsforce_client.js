// What a program on jsforce, the library of the sf CLI, does with an app's files. Reads {url, token, zip, username} from
// stdin, writes one JSON document to stdout.
"use strict";

const { Connection } = require(process.env.JSFORCE);

async function deployed(connection, zip, options) {
  const started = await connection.metadata.deployRest(zip, { rollbackOnError: true, singlePackage: true, ...options });
  const result = await connection.metadata.checkDeployStatus(started.id, true, true);
  return { id: started.id, ...result };
}

async function retrieved(connection, types) {
  const started = await connection.metadata.retrieve({
    apiVersion: "67.0",
    unpackaged: { types, version: "67.0" },
  });
  return connection.metadata.checkRetrieveStatus(started.id);
}

async function main() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const { url, token, zip, username, app, permissionSet } = JSON.parse(Buffer.concat(chunks));
  const connection = new Connection({ instanceUrl: url, accessToken: token, version: "67.0" });
  const files = Buffer.from(zip, "base64");

  const checked = await deployed(connection, files, { checkOnly: true });
  const result = await deployed(connection, files, {});
  const user = await connection.query(`SELECT Id FROM User WHERE Username = '${username}'`);
  const set = await connection.query(`SELECT Id FROM PermissionSet WHERE Name = '${permissionSet}'`);
  const assigned = await connection
    .sobject("PermissionSetAssignment")
    .create({ AssigneeId: user.records[0].Id, PermissionSetId: set.records[0].Id });
  const settings = await connection.metadata.read("ExtlClntAppGlobalOauthSettings", `${app}_global`);
  const listed = await connection.metadata.list([{ type: "ExternalClientApplication" }], "67.0");
  const described = await connection.metadata.describe("67.0");
  const copy = await retrieved(connection, [{ members: [app], name: "ExternalClientApplication" }]);
  const requests = await connection.tooling.query("SELECT Id, Status FROM DeployRequest ORDER BY CreatedDate DESC, Id DESC");

  process.stdout.write(
    JSON.stringify({
      checked,
      result,
      assigned,
      consumerKey: settings.consumerKey,
      listed: listed.map((each) => each.fullName),
      folders: described.metadataObjects.map((each) => each.directoryName),
      retrieved: copy.zipFile,
      requests: requests.records.map((each) => [each.Id, each.Status]),
    }),
  );
}

main().catch((error) => {
  process.stderr.write(`${error.name}: ${error.message}\n`);
  process.exit(1);
});
