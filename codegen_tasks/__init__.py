"""The codegen phase of a plan-driven lifecycle, as a build system: plan in, proved patch out."""
