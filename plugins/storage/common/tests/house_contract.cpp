#include "house_contract.h"

#include <zlib.h>

#include <cstdlib>
#include <fstream>
#include <future>
#include <sstream>

#include "tutti/sdk/json.hpp"

namespace tutti::storage::testing {

const std::vector<std::string>& HouseSchemas() {
  // In an order in which references do not resolve by name alone: `work` refers to `team`, `audit` to nothing.
  static const std::vector<std::string> kSchemas = {
      R"({"namespace":"team","version":3,"owner":"test.owner","tables":{
        "agents":{"agent":"id","columns":{"id":{"type":"uuid","primary":true},"name":{"type":"text","unique":true},
          "boss":{"type":"uuid","references":"agents.id"}}},
        "runs":{"agent":{"column":"agent","busy":{"status":{"in":["queued","running"]}}},
          "columns":{"id":{"type":"int64","primary":true},"agent":{"type":"text","null":false},
          "status":{"type":"text","null":false,"in":["queued","running","done"]}},
          "indexes":[{"name":"team_runs_agent","columns":["agent"]}]},
        "messages":{"agent":{"through":"run"},
          "rules":[{"name":"dense","dense":"number","within":["talk"],"says":"messages are numbered without gap"}],
          "columns":{"talk":{"type":"text","primary":true},"number":{"type":"int64","primary":true},
          "run":{"type":"int64","null":false,"references":"runs.id"},"content":{"type":"json"}}},
        "calls":{"agent":{"through":"run"},
          "rules":[{"name":"closed","where":{"state":"started"},"through":"run","expect":{"status":"running"},
          "says":"open calls belong to running runs"}],
          "columns":{"id":{"type":"int64","primary":true},"run":{"type":"int64","references":"runs.id"},
          "state":{"type":"text"}}}}})",
      R"({"namespace":"audit","version":1,"owner":"test.owner","tables":{"log":{"columns":{
        "id":{"type":"uuid","primary":true},"time":{"type":"time","null":false},"command":{"type":"text"},
        "agent":{"type":"text"}}}}})",
      R"({"namespace":"a_work","version":1,"owner":"test.owner","tables":{
        "things":{"columns":{"id":{"type":"int64","primary":true},"a_text":{"type":"text"},"a_double":{"type":"double"},
          "a_decimal":{"type":"decimal"},"a_bool":{"type":"bool"},"a_json":{"type":"json"},"a_time":{"type":"time"},
          "a_uuid":{"type":"uuid"},"some_bytes":{"type":"bytes"},
          "holder":{"type":"uuid","references":"team.agents.id"}}},
        "empty":{"columns":{"key":{"type":"text","primary":true}}}}})"};
  return kSchemas;
}

const std::vector<std::string>& HouseRows() {
  static const std::vector<std::string> kRows = [] {
    std::string big(300000, 'x');
    big += "\xc3\xa9\xf0\x9f\x8e\xbb end";
    return std::vector<std::string>{
        // The row that comes first refers to one that comes later.
        R"([{"op":"insert","table":"team.agents","row":{"id":"ffffffff-0000-4000-8000-000000000009","name":"Zoë"}},
            {"op":"insert","table":"team.agents","row":{"id":"00000000-0000-4000-8000-000000000001","name":"a\"\\\n\u0001",
             "boss":"ffffffff-0000-4000-8000-000000000009"}},
            {"op":"insert","table":"team.runs","rows":[
              {"id":1,"agent":"00000000-0000-4000-8000-000000000001","status":"done"},
              {"id":2,"agent":"ffffffff-0000-4000-8000-000000000009","status":"done"}]},
            {"op":"insert","table":"team.messages","rows":[
              {"talk":"b","number":1,"run":1,"content":{"text":"planted-marker-one"}},
              {"talk":"b","number":2,"run":1,"content":[1,1.0,-0.0,100.0,1e21,0.1,{"b":null,"a":"\u00e9"}]},
              {"talk":"B","number":7,"run":2,"content":"of the other"}]},
            {"op":"insert","table":"team.calls","rows":[{"id":-9223372036854775808,"run":1,"state":"done"}]},
            {"op":"append","stream":"s1","type":"said","agent":"00000000-0000-4000-8000-000000000001","run":"1",
             "data":{"z":"planted-marker-two","a":1.50}},
            {"op":"append","stream":"s1","type":"said","data":{"type":"said","text":"nobody's"}},
            {"op":"append","stream":"s2","type":"said","agent":"ffffffff-0000-4000-8000-000000000009","data":{}}])",
        R"([{"op":"insert","table":"a_work.things","rows":[
              {"id":9223372036854775807,"a_text":"NUL \u0000 and lone \ud800 end","a_double":0.1,"a_decimal":12345.6789012345,
               "a_bool":true,"a_json":{"k":[{"deep":"\u0000"}],"n":9007199254740993},
               "a_time":"1969-12-31T23:59:59.999999-01:30","a_uuid":"ABCDEF00-0000-4000-8000-00000000000A",
               "some_bytes":"AAH/gA==","holder":"00000000-0000-4000-8000-000000000001"},
              {"id":0,"a_text":"","a_double":-1.7976931348623157e308,"a_decimal":-0.0000000001,"a_bool":false,
               "a_json":null,"a_time":"9999-12-31T23:59:59Z","some_bytes":""},
              {"id":-1,"a_double":5e-324,"a_decimal":99999999999999.9,"a_json":"text","a_time":"0001-01-01T00:00:00Z"},
              {"id":5,"a_double":0.30000000000000004,"a_json":{"": {"b":1,"a":[true,false,null]}}}]}])",
        R"([{"op":"insert","table":"a_work.things","row":{"id":6,"a_text":")" + big + R"("}}])"};
  }();
  return kRows;
}

void HouseDatabase::Open() {
  ASSERT_NE(backend_, nullptr);
  engine_ = backend_->MakeEngine({});
  const Status opened = engine_->Open();
  ASSERT_TRUE(opened.ok()) << opened.ToString();
  for (const std::string& schema : HouseSchemas()) {
    const auto ensured = engine_->EnsureSchema(schema);
    ASSERT_TRUE(ensured.ok()) << ensured.status().ToString();
  }
}

void HouseDatabase::Fill() {
  for (const std::string& ops : HouseRows()) {
    const Answer answer = Run(ops);
    ASSERT_TRUE(answer.ok()) << answer.text().substr(0, 500);
  }
}

Answer HouseDatabase::Run(std::string_view ops) {
  std::promise<Result<std::string>> promise;
  engine_->Execute("test.owner", "{\"parts\":[{\"by\":\"test.owner\",\"ops\":" + std::string(ops) + "}]}",
                   [&](Result<std::string> result) { promise.set_value(std::move(result)); });
  return Answer(promise.get_future().get());
}

Result<std::string> HouseDatabase::Maintain(const std::string& request) {
  if (engine_ != nullptr) {
    return engine_->Maintain(request, {});
  }
  return backend_->MakeEngine({})->Maintain(request, {});
}

std::string HouseDatabase::Findings() {
  const auto checked = Maintain(R"({"do":"check"})");
  if (!checked.ok()) {
    return checked.status().ToString();
  }
  std::string text;
  const auto json = Json::Parse(*checked);
  (*json)["findings"].ForEach([&](JsonView finding) { text.append(finding.AsString()).append("\n"); });
  return text;
}

void HouseDatabase::Sql(const std::string& sql) {
  const auto driver = backend_->MakeDriver();
  auto connection = driver->Connect(Driver::Access::kWrite);
  ASSERT_TRUE(connection.ok()) << connection.status().ToString();
  const Status status = (*connection)->Control(sql);
  ASSERT_TRUE(status.ok()) << status.ToString() << " in " << sql;
}

HouseFiles::HouseFiles() {
  std::string pattern = (std::filesystem::temp_directory_path() / "tutti-house-XXXXXX").string();
  directory_ = mkdtemp(pattern.data());
}

HouseFiles::~HouseFiles() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string HouseFiles::Make(const std::string& name) const {
  const std::string path = (directory_ / name).string();
  WriteAll(path, "");
  return path;
}

std::string ReadAll(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

void WriteAll(const std::string& file, std::string_view bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

std::string Unpacked(const std::string& file) {
  gzFile stream = gzopen(file.c_str(), "rb");
  std::string text;
  char buffer[65536];
  for (int count = gzread(stream, buffer, sizeof buffer); count > 0; count = gzread(stream, buffer, sizeof buffer)) {
    text.append(buffer, static_cast<std::size_t>(count));
  }
  gzclose(stream);
  return text;
}

std::string Content(HouseDatabase& database, const HouseFiles& files) {
  const std::string file = files.Make("content.archive");
  const auto written = database.Maintain(JsonObject()("do", "archive")("file", file)("by", "test").Take());
  if (!written.ok()) {
    return written.status().ToString();
  }
  const std::string text = Unpacked(file);
  const std::size_t first = text.find("\n") + 1;
  return text.substr(first, text.rfind("{\"end\":") - first);
}

void HouseContract::SetUp() {
  ASSERT_NE(GetParam().make(), nullptr);
}

}  // namespace tutti::storage::testing
