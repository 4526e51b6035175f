// sfmint as a stack of the CDK: the release's template as it is, with values for its parameters.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { App, CfnElement, Stack } from "aws-cdk-lib";

const RELEASE = "../../dist";

// What your stack is. CodeBucket holds the release's files, in the stack's region.
const parameters = {
  CodeBucket: "acme-releases",
  Connections: "orders,billing",
};

// CfnInclude reads neither Fn::ForEach nor the names that SAM makes (aws-cdk#27315), so the template goes in whole.
class Template extends CfnElement {
  constructor(scope, id, content) {
    super(scope, id);
    this.content = content;
  }

  _toCloudFormation() {
    return this.content;
  }
}

const [file] = readdirSync(RELEASE).filter((name) => /^sfmint-[0-9.]+\.json$/.test(name));
const text = readFileSync(`${RELEASE}/${file}`, "utf8");
const content = JSON.parse(text);
// A new BuildId is what brings a changed parameter to every alias.
const digest = createHash("sha256").update(text).update(JSON.stringify(parameters)).digest("hex");
for (const [name, value] of Object.entries({ ...parameters, BuildId: digest.slice(0, 12) })) {
  if (!content.Parameters[name]) throw new Error(`The template has no parameter ${name}. Correct its name.`);
  content.Parameters[name].Default = value;
}

const app = new App({ analyticsReporting: false });
new Template(new Stack(app, "sfmint"), "Template", content);
