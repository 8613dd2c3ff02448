// Templates from files. Teaches: the kind template, a broken entry that says what is wrong with it, and bounds.
#include "tutti/sdk/plugin.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tutti/sdk/nearest.hpp"
#include "tutti/sdk/text.hpp"

class TemplateFolder {
 public:
  explicit TemplateFolder(tutti::Host /*host*/) {}

  tutti::Status Init(const tutti::Config& config) {
    directory_ = std::string(config["directory"].AsString());
    max_files_ = static_cast<std::size_t>(config["max_files"].AsInt());
    max_bytes_ = static_cast<std::uintmax_t>(config["max_bytes"].AsInt());
    return {};
  }

  // Reads anew each time, so that a change shows in the next call.
  tutti::Result<std::string> List(const tutti::Call& /*call*/) const {
    tutti::JsonWriter list;
    list.BeginObject().Key("templates").BeginArray();
    for (const std::string& name : Names()) {
      list.Raw(Read(name, false));
    }
    return list.EndArray().EndObject().Take();
  }

  tutti::Result<std::string> Get(std::string_view name, const tutti::Call& /*call*/) const {
    const std::vector<std::string> names = Names();
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      return tutti::Status::NotFound("expected one of " + tutti::JoinNames(names) + " in " + directory_.string() +
                                     ", found '" + std::string(name) + "'" + tutti::DidYouMean(name, names));
    }
    return Read(std::string(name), true);
  }

 private:
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory_, error)) {
      if (entry.path().extension() == ".txt" && entry.is_regular_file(error)) {
        names.push_back(tutti::CleanUtf8(entry.path().stem().string()));
      }
    }
    std::sort(names.begin(), names.end());
    names.resize(std::min(names.size(), max_files_));
    return names;
  }

  std::string Read(const std::string& name, bool is_whole) const {
    const std::filesystem::path file = directory_ / (name + ".txt");
    tutti::JsonObject object;
    object("name", name)("source", file.string());
    std::error_code error;
    if (std::filesystem::file_size(file, error) > max_bytes_ || error) {
      return object("error", "expected at most max_bytes = " + std::to_string(max_bytes_) + " bytes in " +
                                 file.string() + ", found more, or a file that cannot be read")
          .Take();
    }
    std::ifstream in(file, std::ios::binary);
    const std::string text = tutti::CleanUtf8(std::string(std::istreambuf_iterator<char>(in), {}));
    const std::size_t end = std::min(text.find('\n'), text.size());
    object("description", std::string_view(text).substr(0, end)).Raw("tools", "null").Raw("model", "null");
    object.Raw("color", "null");
    return is_whole ? object("system_prompt", std::string_view(text).substr(std::min(end + 1, text.size()))).Take()
                    : object.Take();
  }

  std::filesystem::path directory_;
  std::size_t max_files_ = 0;
  std::uintmax_t max_bytes_ = 0;
};

TUTTI_PLUGIN(TemplateFolder, "org.example.template_folder", "1.0.0")
