#include "tutti/sdk/plugin.hpp"

#include "template_file.h"
#include "template_plugin.h"

TUTTI_PLUGIN(tutti::templates::TemplatePlugin<tutti::markdown::MarkdownFormat>, "tutti.templates.markdown", "0.1.0")
