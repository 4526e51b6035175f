# sfmint as a stack that Terraform looks after: the release's files in a bucket, and one stack of CloudFormation.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "release" {
  description = "Folder with the files of a release"
  type        = string
  default     = "../../dist"
}

variable "bucket" {
  description = "Bucket in the stack's region that holds the release's files"
  type        = string
}

variable "stack" {
  description = "Name of the stack"
  type        = string
  default     = "sfmint"
}

variable "parameters" {
  description = "Parameters of the template, such as Connections and RefreshRate"
  type        = map(string)
}

locals {
  template = "${var.release}/${one(fileset(var.release, "sfmint-[0-9]*.json"))}"
  digest   = filesha256(local.template)
  # A new BuildId is what brings a changed parameter to every alias.
  build = substr(sha256(jsonencode([local.digest, var.parameters])), 0, 12)
}

# Their names hold digests of their contents.
resource "aws_s3_object" "code" {
  for_each = fileset(var.release, "*.zip")
  bucket   = var.bucket
  key      = "sfmint-release/${each.value}"
  source   = "${var.release}/${each.value}"
}

resource "aws_s3_object" "template" {
  bucket = var.bucket
  key    = "sfmint-release/${local.digest}.json"
  source = local.template
}

data "aws_region" "here" {}

resource "aws_cloudformation_stack" "sfmint" {
  name         = var.stack
  template_url = "https://${var.bucket}.s3.${data.aws_region.here.id}.amazonaws.com/${aws_s3_object.template.key}"
  capabilities = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
  parameters   = merge(var.parameters, { CodeBucket = var.bucket, BuildId = local.build })
  depends_on   = [aws_s3_object.code]
}

output "broker" {
  description = "Append a colon and a connection's name to get the alias to invoke"
  value       = aws_cloudformation_stack.sfmint.outputs["BrokerArn"]
}
