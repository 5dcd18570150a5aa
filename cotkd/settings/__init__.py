"""Where settings come from: recipes in YAML (`recipe`) and the command line (`flags`)."""
