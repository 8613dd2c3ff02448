#include "tutti/sdk/plugin.hpp"

#include "template_plugin.h"
#include "yaml_file.h"

TUTTI_PLUGIN(tutti::templates::TemplatePlugin<tutti::yaml_templates::YamlFormat>, "tutti.templates.yaml", "0.1.0")
