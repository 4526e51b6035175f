"""template.yaml as CloudFormation makes it, for each variant of a stack: loops unrolled, parameters filled in, SAM translated."""
