#include "file_tools.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <vector>

#include "atomic_write.h"
#include "line_reader.h"

namespace tutti::workspace {
namespace {

void AppendNumbered(std::string* text, std::int64_t number, const Line& line, std::size_t max_bytes) {
  char prefix[32];
  std::snprintf(prefix, sizeof prefix, "%6lld\t", static_cast<long long>(number));
  text->append(prefix).append(CleanUtf8(line.text));
  if (line.cut) {
    text->append("... [line cut after " + std::to_string(max_bytes) + " bytes]");
  }
  text->push_back('\n');
}

std::size_t CountOccurrences(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) {
    ++count;
  }
  return count;
}

std::string ReplaceAll(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  std::size_t begin = 0;
  for (std::size_t at = text.find(from); at != std::string_view::npos; at = text.find(from, begin)) {
    out.append(text, begin, at - begin).append(to);
    begin = at + from.size();
  }
  return out.append(text, begin);
}

// Why a text that a model remembers may not be there: the usual mistakes.
std::string WhyNotFound(std::string_view content, std::string_view wanted) {
  const auto squeeze = [](std::string_view text) {
    std::string out;
    std::copy_if(text.begin(), text.end(), std::back_inserter(out),
                 [](unsigned char c) { return std::isspace(c) == 0; });
    return out;
  };
  if (content.find("\r\n") != std::string_view::npos && wanted.find('\n') != std::string_view::npos &&
      wanted.find('\r') == std::string_view::npos) {
    return "; the file has Windows line ends (\\r\\n)";
  }
  const std::string squeezed = squeeze(wanted);
  if (!squeezed.empty() && squeeze(content).find(squeezed) != std::string::npos) {
    return "; it is there with other white space: copy it exactly, without the line numbers of Read";
  }
  return "; read the file again, it may have changed";
}

}  // namespace

ToolResult FileTools::Read(const ReadRequest& request, const std::function<bool()>& cancelled) const {
  const Result<std::string> relative = directory_.Relative(request.file_path);
  if (!relative) {
    return ToolResult::Error(relative.status());
  }
  const Result<UniqueFd> file = directory_.OpenRegularFile(*relative);
  if (!file) {
    return ToolResult::Error(file.status());
  }
  const std::int64_t first = std::max<std::int64_t>(request.offset, 1);
  const std::int64_t limit = request.limit > 0 ? request.limit : limits_.max_lines;
  LineReader reader(file->get(), limits_.max_line_bytes);
  if (reader.IsBinary()) {
    struct stat status {};

    ::fstat(file->get(), &status);
    return ToolResult::Error("\"" + *relative + "\" is a binary file of " + std::to_string(status.st_size) +
                             " bytes; Read shows text only");
  }
  ToolResult result;
  std::int64_t number = 0;
  std::int64_t shown = 0;
  bool is_clean = true;
  Line line;
  while (reader.Next(&line)) {
    ++number;
    if (reader.bytes() > limits_.max_scanned_bytes) {
      return ToolResult::Error("line " + std::to_string(first) + " of \"" + *relative + "\" lies beyond the first " +
                               std::to_string(limits_.max_scanned_bytes) + " bytes, use Bash (sed -n) for it");
    }
    if (reader.TakeFilledBlock() && cancelled()) {
      return ToolResult::Error("Read was cancelled");
    }
    if (number < first) {
      continue;
    }
    if (shown == limit || result.text.size() > limits_.max_output_bytes) {
      result.text += "[the file goes on: read from offset " + std::to_string(number) + "]\n";
      break;
    }
    is_clean = is_clean && CleanUtf8(line.text).size() == line.text.size();
    AppendNumbered(&result.text, number, line, limits_.max_line_bytes);
    ++shown;
  }
  if (reader.error() != 0) {
    return ToolResult::Error("could not read \"" + *relative + "\": " + std::strerror(reader.error()));
  }
  if (shown == 0) {
    result.text = number == 0 ? "[the file is empty]"
                              : "[the file has " + std::to_string(number) + " lines, offset " + std::to_string(first) +
                                    " lies behind its end]";
  }
  if (!is_clean) {
    result.text += "[bytes that are not UTF-8 are shown as \xEF\xBF\xBD]\n";
  }
  result.Set("file_path", CleanUtf8(*relative)).Set("lines", shown);
  return result;
}

ToolResult FileTools::Write(std::string_view file_path, std::string_view content) {
  const Result<std::string> relative = directory_.Relative(file_path);
  if (!relative) {
    return ToolResult::Error(relative.status());
  }
  if (content.size() > limits_.max_file_bytes) {
    return ToolResult::Error("expected at most " + std::to_string(limits_.max_file_bytes) + " bytes, found " +
                             std::to_string(content.size()) + "; write the file in parts with Bash");
  }
  const std::lock_guard lock(write_mutex_);
  const Result<WrittenFile> written = WriteAtomically(directory_, *relative, content);
  if (!written) {
    return ToolResult::Error(written.status());
  }
  const std::string name = CleanUtf8(written->relative);
  ToolResult result = ToolResult::Text(std::string(written->created ? "Created " : "Replaced ") + name + " (" +
                                       std::to_string(content.size()) + " bytes)");
  result.Set("file_path", name).Set("created", written->created).Set("bytes", content.size());
  return result;
}

ToolResult FileTools::Edit(const EditRequest& request) {
  const Result<std::string> relative = directory_.Relative(request.file_path);
  if (!relative) {
    return ToolResult::Error(relative.status());
  }
  if (request.old_string.empty()) {
    return ToolResult::Error(
        "expected old_string to hold the text to replace, found it empty; use Write for a new file");
  }
  if (request.old_string == request.new_string) {
    return ToolResult::Error("old_string and new_string are the same, there is nothing to change");
  }
  const std::lock_guard lock(write_mutex_);
  const Result<UniqueFd> file = directory_.OpenRegularFile(*relative);
  if (!file) {
    return ToolResult::Error(file.status());
  }

  struct stat version {};

  ::fstat(file->get(), &version);
  const Result<std::string> content = ReadWhole(file->get(), limits_.max_file_bytes);
  if (!content) {
    return ToolResult::Error("\"" + *relative + "\": " + std::string(content.status().message()));
  }
  const std::size_t count = CountOccurrences(*content, request.old_string);
  if (count == 0) {
    return ToolResult::Error("old_string was not found in \"" + *relative + "\"" +
                             WhyNotFound(*content, request.old_string));
  }
  if (count > 1 && !request.replace_all) {
    return ToolResult::Error("expected old_string once in \"" + *relative + "\", found it " + std::to_string(count) +
                             " times; add lines around it until it is unique, or set replace_all");
  }
  if (request.new_string.size() > request.old_string.size() &&
      content->size() + count * (request.new_string.size() - request.old_string.size()) > limits_.max_file_bytes) {
    return ToolResult::Error("the edited file would be larger than " + std::to_string(limits_.max_file_bytes) +
                             " bytes");
  }
  const std::string edited = ReplaceAll(*content, request.old_string, request.new_string);
  const Result<WrittenFile> written = WriteAtomically(directory_, *relative, edited, version);
  if (!written) {
    return ToolResult::Error(written.status());
  }
  const std::string name = CleanUtf8(written->relative);
  ToolResult result = ToolResult::Text("Replaced " + std::to_string(count) +
                                       (count == 1 ? " occurrence in " : " occurrences in ") + name);
  result.Set("file_path", name).Set("replacements", count);
  return result;
}

}  // namespace tutti::workspace
