#include "shell_reading.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "plain_path.h"

namespace tutti::shell {
namespace {

bool Holds(const std::vector<std::string>& texts, std::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

std::string Show(const std::vector<std::string>& texts) {
  std::string shown;
  for (const std::string& text : texts) {
    shown += "[" + text + "] ";
  }
  return shown;
}

TEST(ShellReading, SpellingsOfOneCommandReadTheSame) {
  for (const char* text : {
           "rm -rf /",
           "  rm \t -rf   /  # comment",
           "r\\m -rf /",
           "'r'm \"-rf\" '/'",
           "r''m -r\"\"f /",
           "/bin/rm -rf //",
           "/usr/bin/../bin/rm -rf /tmp/..",
           "rm -rf /./",
           "true; rm -rf /",
           "true && rm -rf /",
           "false || rm -rf /",
           "(rm -rf /)",
           "{ rm -rf /; }",
           "if true; then rm -rf /; fi",
           "while :; do rm -rf /; done",
           "! rm -rf /",
           "rm -rf / &",
           "echo x | rm -rf /",
           "echo $(rm -rf /)",
           "echo \"$(rm -rf /)\"",
           "echo `rm -rf /`",
           "cat <(rm -rf /)",
           "A=1 B=2 rm -rf /",
           "env -i A=1 rm -rf /",
           "env -u X rm -rf /",
           "nice -n 5 rm -rf /",
           "timeout -k 1 5s rm -rf /",
           "nohup setsid rm -rf /",
           "command rm -rf /",
           "exec rm -rf /",
           "time -p rm -rf /",
           "busybox rm -rf /",
           "xargs -n 1 rm -rf /",
           "bash -c 'rm -rf /'",
           "sh -lc \"rm -rf /\"",
           "bash -c -e 'rm -rf /'",
           "bash -c 'bash -c \"rm -rf /\"'",
           "bash <<< 'rm -rf /'",
           "bash <<EOF\nrm -rf /\nEOF\n",
           "cat <<EOF\n$(rm -rf /)\nEOF\n",
           "eval 'rm -rf' /",
           "eval \"r\"\"m -rf /\"",
           "trap 'rm -rf /' EXIT",
           "R=rm; $R -rf /",
           "A='-rf /'; rm $A",
           "X=/; rm -rf \"${X}\"",
           "rm${IFS}-rf${IFS}/",
           "{rm,-rf,/}",
           "$'\\x72\\x6d' -rf /",
           "$'\\162m' -rf /",
           "$(echo rm) -rf /",
           "find . -exec rm -rf / \\;",
           "sudo rm -rf /",
           "rm \\\n-rf \\\n/",
           "rm -rf ${UNSET:-/}",
           "f() { rm -rf /; }; f",
       }) {
    const ShellReading reading = ReadShell(text, "/home/me");
    EXPECT_TRUE(Holds(reading.commands, "rm -rf /")) << text << "  " << Show(reading.commands);
    EXPECT_TRUE(reading.is_complete);
  }
}

TEST(ShellReading, TextIsNotACommand) {
  for (const char* text :
       {"echo 'rm -rf /'", "echo \"; rm -rf /\"", "git commit -m 'x | rm -rf /'", "echo \\; rm -rf /", "# rm -rf /",
        "cat > notes <<'EOF'\nrm -rf /\nEOF\n", "cat <<-EOF\n\trm -rf /\n\tEOF\n", "python3 - <<EOF\nrm -rf /\nEOF"}) {
    const ShellReading reading = ReadShell(text, "");
    EXPECT_FALSE(Holds(reading.commands, "rm -rf /")) << text << "  " << Show(reading.commands);
  }
}

TEST(ShellReading, CommandsAfterAHereDocumentAreRead) {
  const ShellReading reading = ReadShell("cat > x <<'EOF'\ntext\nEOF\nls -l\n", "");
  EXPECT_TRUE(Holds(reading.commands, "cat > x")) << Show(reading.commands);
  EXPECT_TRUE(Holds(reading.commands, "ls -l"));
  EXPECT_EQ(reading.commands.size(), 2U);
}

TEST(ShellReading, PipelinesAndRedirectionsAreSpelledOneWay) {
  EXPECT_EQ(ReadShell("curl -s x|sh", "").pipelines, std::vector<std::string>{"curl -s x | sh"});
  EXPECT_EQ(ReadShell("curl x |& sudo bash", "").pipelines, std::vector<std::string>{"curl x | bash"});
  EXPECT_EQ(ReadShell("bash <(curl x)", "").commands.back(), "bash <(curl x)");
  for (const char* text : {"echo x >/etc/f", "echo x>>/etc/f", "echo x >| /etc/f", "echo x &> /etc/f",
                           "echo x 2>&1 >/etc/f", "echo x 1>/etc//f", "echo x &>>/etc/f"}) {
    EXPECT_EQ(ReadShell(text, "").commands, std::vector<std::string>{"echo x > /etc/f"}) << text;
  }
  EXPECT_EQ(ReadShell("echo 'a | sh'", "").pipelines, std::vector<std::string>{"echo a   sh"});
}

TEST(ShellReading, ForkBombsAreSeen) {
  for (const char* text : {":(){ :|:& };:", ":() { : | : & } ; :", "bomb() { bomb | bomb & }; bomb",
                           "function f { f & f & }; f", "b(){\nb&\nb&\n}\nb"}) {
    EXPECT_TRUE(ReadShell(text, "").forks_itself) << text;
  }
  EXPECT_FALSE(ReadShell("f() { g | h & }; f & f | f", "").forks_itself);
}

TEST(PlainPath, CleansUpAndNamesTheHome) {
  EXPECT_EQ(PlainPath("/a//b/./../c/", "/home/me"), "/a/c");
  EXPECT_EQ(PlainPath("/home/me/.ssh/x", "/home/me"), "~/.ssh/x");
  EXPECT_EQ(PlainPath("/home/me", "/home/me"), "~");
  EXPECT_EQ(PlainPath("/home/mell", "/home/me"), "/home/mell");
  EXPECT_EQ(PlainPath("../../x", ""), "../../x");
  EXPECT_EQ(PlainPath("of=/dev//sda", ""), "of=/dev/sda");
  EXPECT_EQ(PlainPath("https://a//b", ""), "https://a//b");
  EXPECT_EQ(PlainPath("/..", ""), "/");
  EXPECT_EQ(ReadShell("cat $HOME/.x \"${HOME}/y\" ~/z", "").commands.front(), "cat ~/.x ~/y ~/z");
}

TEST(ShellReading, UnfinishedAndHostileTextsEnd) {
  for (const std::string& text :
       {std::string("'"), std::string("\""), std::string("$("), std::string("${"), std::string("`"), std::string("\\"),
        std::string("<<"), std::string("$'\\x"), std::string("{a,"), std::string("a=<("), std::string("${}"),
        std::string("$(("), std::string(60'000, '('), std::string(60'000, '`'), std::string(60'000, '\''),
        std::string("\0\xFF", 2)}) {
    ReadShell(text, "/home/me");
  }
  std::string doubling = "A=aaaaaaaaaaaaaaaa\n";
  for (char c = 'B'; c <= 'Z'; ++c) {
    const std::string before(1, static_cast<char>(c - 1));
    doubling += std::string(1, c) + "=$" + before + "$" + before + "\n";
  }
  for (int i = 0; i < 5000; ++i) {
    doubling += "$H ";
  }
  EXPECT_FALSE(ReadShell(doubling, "").is_complete);
}

}  // namespace
}  // namespace tutti::shell
