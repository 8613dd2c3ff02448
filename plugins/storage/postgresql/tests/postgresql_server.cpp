#include "postgresql_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <thread>
#include <vector>

namespace tutti::storage::testing {
namespace {

int FreePort() {
  const int socket_descriptor = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  bind(socket_descriptor, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(socket_descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  close(socket_descriptor);
  return ntohs(address.sin_port);
}

// The server refuses to run as root.
const passwd* Account() {
  const passwd* account = getpwnam("postgres");
  return account != nullptr ? account : getpwnam("nobody");
}

std::vector<std::string> Unprivileged(std::vector<std::string> command) {
  if (getuid() != 0) {
    return command;
  }
  const passwd* account = Account();
  std::vector<std::string> whole = {"setpriv",
                                    "--pdeathsig",
                                    "INT",
                                    "--reuid=" + std::to_string(account->pw_uid),
                                    "--regid=" + std::to_string(account->pw_gid),
                                    "--clear-groups"};
  whole.insert(whole.end(), command.begin(), command.end());
  return whole;
}

pid_t Spawn(const std::vector<std::string>& command, const std::string& log) {
  const pid_t child = fork();
  if (child != 0) {
    return child;
  }
  const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  std::vector<char*> arguments;
  for (const std::string& argument : command) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

std::string NewestBinaries() {
  std::string newest;
  int best = 0;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored)) {
    const int version = std::atoi(entry.path().filename().c_str());
    if (version > best && std::filesystem::exists(entry.path() / "bin" / "postgres")) {
      best = version;
      newest = (entry.path() / "bin").string();
    }
  }
  return newest;
}

}  // namespace

PostgresqlServer* PostgresqlServer::Shared() {
  static PostgresqlServer server;
  static const bool started = server.Start();
  if (!started) {
    std::cerr << "no PostgreSQL server: " << server.error() << "\n";
  }
  return started ? &server : nullptr;
}

PostgresqlServer::PostgresqlServer() : binaries_(NewestBinaries()) {
  std::string pattern = (std::filesystem::temp_directory_path() / "tutti-postgresql-XXXXXX").string();
  directory_ = mkdtemp(pattern.data());
}

PostgresqlServer::~PostgresqlServer() {
  Stop();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

bool PostgresqlServer::Initialise() {
  const std::string data = (directory_ / "data").string();
  if (std::filesystem::exists(data)) {
    return true;
  }
  if (binaries_.empty()) {
    error_ = "expected server programs below /usr/lib/postgresql; install the package postgresql";
    return false;
  }
  const std::string password_file = (directory_ / "password").string();
  std::ofstream(password_file) << "pa55'w:rd";
  if (getuid() == 0 && (chown(directory_.c_str(), Account()->pw_uid, Account()->pw_gid) != 0 ||
                        chown(password_file.c_str(), Account()->pw_uid, Account()->pw_gid) != 0)) {
    error_ = "cannot give " + directory_.string() + " to the account of the server";
    return false;
  }
  const pid_t child = Spawn(Unprivileged({binaries_ + "/initdb", "-D", data, "-U", "tutti", "-A", "scram-sha-256",
                                          "--pwfile", password_file, "--no-sync", "-E", "UTF8", "--locale", "C.UTF-8"}),
                            (directory_ / "initdb.log").string());
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) {
    std::ifstream log(directory_ / "initdb.log");
    error_.assign(std::istreambuf_iterator<char>(log), {});
  }
  return status == 0;
}

bool PostgresqlServer::Start() {
  if (!Initialise()) {
    return false;
  }
  port_ = port_ == 0 ? FreePort() : port_;
  process_ = Spawn(Unprivileged({binaries_ + "/postgres", "-D", (directory_ / "data").string(), "-p",
                                 std::to_string(port_), "-c", "listen_addresses=127.0.0.1", "-c",
                                 "unix_socket_directories=" + directory_.string(), "-c", "fsync=off", "-c",
                                 "full_page_writes=off", "-c", "max_connections=60", "-c", "shared_buffers=32MB"}),
                   (directory_ / "server.log").string());
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (std::chrono::steady_clock::now() < deadline) {
    if (PQping(Url("postgres").c_str()) == PQPING_OK) {
      return true;
    }
    if (waitpid(process_, nullptr, WNOHANG) == process_) {
      process_ = 0;
      break;
    }
    std::this_thread::yield();
  }
  std::ifstream log(directory_ / "server.log");
  error_.assign(std::istreambuf_iterator<char>(log), {});
  return false;
}

void PostgresqlServer::Stop(StopMode mode) {
  if (process_ == 0) {
    return;
  }
  kill(process_, mode == StopMode::kFast ? SIGINT : SIGQUIT);
  waitpid(process_, nullptr, 0);
  process_ = 0;
}

std::string PostgresqlServer::Url(const std::string& database) const {
  return std::string("postgresql://tutti:") + kPassword + "@127.0.0.1:" + std::to_string(port_) + "/" + database;
}

std::string PostgresqlServer::Log() const {
  std::ifstream log(directory_ / "server.log");
  return {std::istreambuf_iterator<char>(log), {}};
}

std::string PostgresqlServer::CreateDatabase() {
  const std::string name = "test" + std::to_string(++databases_);
  const std::string result = Query(Url("postgres"), "CREATE DATABASE " + name);
  return result.starts_with("error") ? result : Url(name);
}

void PostgresqlServer::DropDatabase(const std::string& url) {
  Query(Url("postgres"), "DROP DATABASE " + url.substr(url.rfind('/') + 1) + " WITH (FORCE)");
}

std::string PostgresqlServer::Query(const std::string& url, const std::string& sql) {
  PGconn* connection = PQconnectdb(url.c_str());
  PGresult* result = PQexec(connection, sql.c_str());
  const ExecStatusType status = PQresultStatus(result);
  std::string text;
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    text = std::string("error: ") + PQerrorMessage(connection);
  } else if (PQntuples(result) > 0) {
    text = PQgetvalue(result, 0, 0);
  }
  PQclear(result);
  PQfinish(connection);
  return text;
}

}  // namespace tutti::storage::testing
