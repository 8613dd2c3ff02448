/* Fills a whole tutti_plugin, however much room there is. */
#include "tutti/abi/plugin.h"

static tutti_code create(const tutti_host* host, tutti_plugin* plugin, const tutti_sink* error) {
  static const tutti_plugin whole = {sizeof(tutti_plugin), NULL, NULL, NULL, NULL, NULL, NULL};
  (void)error;
  if (host->size < sizeof *host) {
    static const char sentence[] = "expected a host of revision 1";
    tutti_str words = {sentence, sizeof sentence - 1};
    error->write(error->user, words);
    return TUTTI_FAILED_PRECONDITION;
  }
  *plugin = whole;
  return TUTTI_OK;
}

__attribute__((visibility("default"))) extern const tutti_entry tutti_plugin_entry;

const tutti_entry tutti_plugin_entry = {
    TUTTI_ENTRY_MAGIC, sizeof(tutti_entry), TUTTI_ABI_MAJOR, TUTTI_ABI_MINOR, "org.example.specimen", "1.0.0", &create};
