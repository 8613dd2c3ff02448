// expect: read-only
#include "tutti/sdk/plugin.hpp"

class Plugin {
 public:
  explicit Plugin(const tutti::Host&) {}
};

TUTTI_PLUGIN(Plugin, "org.example.plugin", "1.0.0")

void Caller() {
#ifdef WRONG
  tutti_plugin_entry.magic = 0;
#else
  (void)tutti_plugin_entry.magic;
#endif
}
