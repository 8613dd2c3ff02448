"""The page at / in Chromium, against a real server with the rehearsal model."""

import json
import os
import sqlite3
import sys
import unittest
import urllib.error
import uuid

from selenium.webdriver.common.keys import Keys

from console_fixture import Browser, Server, wait_for

BINARY = os.environ["TUTTI_BINARY"]
PLUGINS = os.environ["TUTTI_PLUGIN_DIRECTORY"]

FIVE_TURNS = (
    ("Set up two agents: one that reads, one that writes.", "Both are ready."),
    ("Let scout look at what is here.", "scout is on its way"),
    ("Have builder write the release notes.", "builder writes NOTES.md now."),
    ("What has it cost so far?", "nothing is charged"),
    ("Summarise.", "Nothing else is running."),
)


def idle(browser):
    return browser.run("document.getElementById('typing').hidden && "
                       "[...document.querySelectorAll('.status')].every(s => s.textContent === 'idle')")


def five_turns(browser):
    for text, answer in FIVE_TURNS:
        browser.say(text)
        browser.wait_text("#chat", answer)
    browser.wait_text("#events", "nothing is left open")
    browser.wait_text("#events", "The notes are in NOTES.md.")
    wait_for(lambda: idle(browser), "the end of all turns")


class ConsoleTest(unittest.TestCase):
    without = ()
    tokens = "[]"

    @classmethod
    def setUpClass(cls):
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        self.server = Server(BINARY, PLUGINS, self.without, self.tokens)
        self.addCleanup(self.server.remove)
        self.server.start()
        self.browser.driver.get("about:blank")
        self.browser.driver.get_log("browser")  # what is said from here on is this test's

    def second(self):
        browser = Browser()
        self.addCleanup(browser.close)
        return browser.open(self.server)


class Conversation(ConsoleTest):
    def test_five_turns_with_two_agents_read_the_same_live_after_reload_and_elsewhere(self):
        browser = self.browser.open(self.server)
        other = self.second()
        five_turns(browser)
        chat, events = browser.rows("chat"), browser.rows("events")
        self.assertEqual(len([row for row in chat if row.startswith("line user")]), 5, chat)
        self.assertTrue(any("create_agent" in row and row.startswith("line step") for row in chat), chat)
        self.assertFalse(any("mcp__mgmt__" in row for row in chat), chat)
        self.assertTrue(any("Thinking" in row for row in chat), chat)
        self.assertTrue(any("builder | Write" in row for row in events), events)
        self.assertEqual([card.split("\n")[0] for card in browser.texts(".agent")], ["builder", "scout"])

        # Each user line is there once, in the browser that said it as in the other one (O13, O15).
        wait_for(lambda: other.rows("chat") == chat, lambda: f"the same chat elsewhere: {other.rows('chat')}")
        self.assertEqual(other.rows("events"), events)

        figures = [browser.text("#" + name) for name in ("cost", "tokens", "context")]
        model = browser.text("#model")
        self.assertIn("rehearsal", model)
        agents = browser.texts(".agent")
        # What was live is what is stored (O16, O21, O31, O35).
        browser.open(self.server)
        wait_for(lambda: browser.rows("chat") == chat, lambda: f"{chat}\nafter reload, found\n{browser.rows('chat')}")
        wait_for(lambda: browser.rows("events") == events, lambda: f"{events}\nafter reload\n{browser.rows('events')}")
        self.assertEqual([browser.text("#" + name) for name in ("cost", "tokens", "context")], figures)
        self.assertEqual(browser.texts(".agent"), agents)
        self.assertNotIn("0 in, 0 out", figures)
        severe = [line for line in browser.driver.get_log("browser") if line["level"] == "SEVERE"]
        self.assertEqual(severe, [])

    def test_a_tool_call_opens_to_its_input_and_result_and_an_agent_narrows_the_events(self):
        browser = self.browser.open(self.server)
        five_turns(browser)
        write = browser.one("#events .event.tool.hue-" + browser.run(
            "document.querySelector('.agent[data-agent]').className.match(/hue-(\\d)/)[1]") + " summary")
        self.assertIn("done", write.text)
        write.click()
        browser.wait_text("#events details[open]", "questions of agents can be answered there")
        browser.one(".agent").click()
        wait_for(lambda: {row.split(" | ")[1] for row in browser.rows("events")} == {"builder"}, "builder alone")
        self.assertFalse(any("event hook" in row for row in browser.rows("events")))
        browser.one('[data-kind="hook"]').click()
        wait_for(lambda: any("PreToolUse" in row for row in browser.rows("events")), "hooks")
        browser.one("#only-agent").click()
        wait_for(lambda: any("scout" in row for row in browser.rows("events")), "scout again")

    def test_files_of_a_turn_are_cards_with_their_diff(self):
        browser = self.browser.open(self.server)
        five_turns(browser)
        files = {"file_changes": [{"path": "NOTES.md", "absolute_path": "/x/NOTES.md", "status": "created",
                                   "lines_added": 2, "lines_removed": 1, "summary": "Adds <b>notes</b>",
                                   "diff": "@@ -1 +1,2 @@\n-old\n+<script>new</script>\n+more\n"}],
                 "read_files": [{"path": "README.md", "absolute_path": "/x/README.md", "line_count": 12}]}
        with sqlite3.connect(os.path.join(self.server.data, "tutti.db"), timeout=30) as database:
            changed = database.execute("UPDATE agent_logs SET payload = json_patch(payload, ?) WHERE content LIKE ?",
                                       (json.dumps(files), "The notes are in%"))
            self.assertEqual(changed.rowcount, 1)
        browser.open(self.server)
        browser.wait_text(".file", "NOTES.md")
        self.assertEqual(browser.text(".file-status"), "created")
        self.assertEqual(browser.text(".counts"), "+2−1")
        self.assertEqual(browser.text(".file-summary"), "Adds <b>notes</b>")
        browser.one(".file summary").click()
        browser.wait_text(".diff", "+<script>new</script>")
        self.assertEqual(len(browser.find(".diff .plus")), 2)
        self.assertEqual(browser.find(".diff script"), [])
        self.assertIn("1 file read", browser.text(".files"))

    def test_hostile_text_stays_text(self):
        browser = self.browser.open(self.server)
        hostile = "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>" \
                  "<a href='javascript:window.hacked=1'>x</a> [/x] ```<b>"
        browser.say("echo " + hostile)
        browser.wait_text("#chat .orchestrator", hostile)
        for selector in ("#chat img", "#chat script", "#chat a", "#chat .rich b"):
            self.assertEqual(browser.find(selector), [], selector)
        browser.open(self.server)
        browser.wait_text("#chat .orchestrator", hostile)
        self.assertIsNone(browser.run("window.hacked ?? null"))
        refused = browser.run("""(() => { try { document.body.innerHTML = '<p>'; return 'taken'; }
                                 catch (error) { return error.name; } })()""")
        self.assertEqual(refused, "TypeError")

    def test_a_long_history_keeps_the_page_small(self):
        browser = self.browser.open(self.server)
        browser.say("echo the first line")
        browser.wait_text("#chat .orchestrator", "the first line")
        wait_for(lambda: idle(browser), "the end of the turn")
        with sqlite3.connect(os.path.join(self.server.data, "tutti.db"), timeout=30) as database:
            columns = [row[1] for row in database.execute("PRAGMA table_info(orchestrator_chat)")]
            taken = database.execute("SELECT id, typeof(id) FROM orchestrator_chat LIMIT 1").fetchone()
            names = ", ".join(columns)
            others = ", ".join("?" if name in ("id", "message") else name for name in columns)
            values = ["id", "message"] if columns.index("id") < columns.index("message") else ["message", "id"]
            for number in range(400):
                new = {"id": uuid.uuid4().bytes if taken[1] == "blob" else str(uuid.uuid4()), "message": f"line {number}"}
                database.execute(f"INSERT INTO orchestrator_chat ({names}) SELECT {others} FROM orchestrator_chat "
                                 "WHERE id = ?", [*(new[name] for name in values), taken[0]])
        browser.open(self.server)
        wait_for(lambda: len(browser.find("#chat article")) == 200, lambda: len(browser.find("#chat article")))
        first = browser.rows("chat")[0]
        browser.one("#chat .more").click()
        wait_for(lambda: browser.rows("chat")[0] != first, "earlier lines")
        self.assertEqual(len(browser.find("#chat article")), 200)
        browser.one("#chat .newest").click()
        wait_for(lambda: browser.rows("chat")[0] == first, "the newest lines")
        browser.say("echo still quick")
        browser.wait_text("#chat", "still quick")
        self.assertLessEqual(len(browser.find("#chat article")), 200)


class Connection(ConsoleTest):
    def test_O3_the_first_load_asks_for_what_it_needs_once_and_says_connected(self):
        undo = self.browser.before_each_page(
            "window.asked = []; const plain = window.fetch; window.fetch = (path, options = {}) => {"
            " window.asked.push(`${options.method ?? 'GET'} ${path}`); return plain(path, options); };"
            "const Socket = window.WebSocket; window.WebSocket = class extends Socket { constructor(...all) {"
            " super(...all); window.asked.push(`WS ${new URL(all[0]).pathname}`); } };")
        self.addCleanup(undo)
        browser = self.browser.open(self.server)
        self.assertEqual(browser.run("window.asked"), [
            "GET /get_orchestrator", "WS /ws", "GET /list_agents", "POST /load_chat", "GET /get_events?limit=300",
            "GET /v1/questions?status=open", "GET /v1/approvals?status=pending"])
        loaded = browser.run("performance.getEntriesByType('resource').map(one => new URL(one.name).origin)")
        self.assertEqual(set(loaded), {self.server.url.rstrip("/")})
        self.assertTrue(browser.one("#message").is_enabled())

    def test_O4_without_an_orchestrator_no_socket_is_opened_and_the_header_says_disconnected(self):
        undo = self.browser.before_each_page(
            "window.sockets = 0; const Socket = window.WebSocket; window.WebSocket = class extends Socket {"
            " constructor(...all) { super(...all); window.sockets += 1; } };")
        self.addCleanup(undo)
        driver = self.browser.driver
        driver.execute_cdp_cmd("Network.enable", {})
        driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/get_orchestrator*"]})
        self.addCleanup(driver.execute_cdp_cmd, "Network.setBlockedURLs", {"urls": []})
        browser = self.browser.open(self.server, "Disconnected")
        self.assertEqual(browser.run("window.sockets"), 0)
        self.assertFalse(browser.one("#message").is_enabled())
        driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
        browser.wait_state("Connected")

    def test_a_restarted_server_is_found_again_with_its_history(self):
        browser = self.browser.open(self.server)
        browser.say("echo before")
        browser.wait_text("#chat .orchestrator", "before")
        wait_for(lambda: idle(browser), "the end of the turn")
        chat = browser.rows("chat")
        self.server.stop()
        wait_for(lambda: browser.text("#connection") in ("Reconnecting", "Disconnected"), "the loss")
        self.assertFalse(browser.one("#message").is_enabled())
        self.server.start("last")
        browser.wait_state("Connected")
        self.assertEqual(browser.rows("chat"), chat)
        browser.say("echo after")
        browser.wait_text("#chat", "after")
        wait_for(lambda: idle(browser), "the end of the turn")
        self.assertEqual(len([row for row in browser.rows("chat") if row.startswith("line user")]), 2)

        # Without a session another orchestrator runs: the page shows that one.
        self.server.stop()
        self.server.start()
        browser.wait_state("Connected")
        wait_for(lambda: browser.rows("chat") == [], lambda: f"an empty chat, found {browser.rows('chat')}")
        browser.say("echo anew")
        browser.wait_text("#chat .orchestrator", "anew")


class Field(ConsoleTest):
    def test_slash_commands_are_completed_by_keyboard(self):
        undo = self.browser.before_each_page(
            "const plain = window.fetch; window.fetch = async (path, options) => { const answer = await plain(path, options);"
            " if (path !== '/get_orchestrator') return answer; const body = await answer.json();"
            " body.slash_commands = [{name: 'plan', description: 'Write a plan', arguments: '[topic]'},"
            " {name: 'play', description: '<i>Play</i>', arguments: ''}, {name: 'compact', description: '', arguments: ''}];"
            " return new Response(JSON.stringify(body), {status: 200}); };")
        self.addCleanup(undo)
        browser = self.browser.open(self.server)
        browser.type("/pl")
        wait_for(lambda: browser.texts("#completion li b")[:2] == ["/plan", "/play"], "the two commands first")
        self.assertEqual(browser.find("#completion i i"), [])
        field = browser.one("#message")
        self.assertEqual(field.get_attribute("aria-expanded"), "true")
        field.send_keys(Keys.ARROW_DOWN, Keys.ENTER)
        self.assertEqual(field.get_attribute("value"), "/play ")
        self.assertFalse(browser.one("#completion").is_displayed())
        field.send_keys("it", Keys.ENTER)
        browser.wait_text("#chat .user", "/play it")
        self.assertEqual(field.get_attribute("value"), "")
        field.send_keys(Keys.ARROW_UP)
        self.assertEqual(field.get_attribute("value"), "/play it")

    def test_commands_of_the_server_are_completed_too(self):
        browser = self.browser.open(self.server)
        browser.type("/hel")
        wait_for(lambda: browser.texts("#completion li b") == ["/help"], "the server's own command")
        browser.one("#message").send_keys(Keys.ENTER, Keys.ENTER)
        browser.wait_text("#chat .orchestrator", "/interrupt")

    def test_the_panels_fill_the_window_whatever_they_hold(self):
        browser = self.browser.open(self.server)
        fills = "document.querySelector('main').getBoundingClientRect().bottom === innerHeight && " \
                "document.documentElement.scrollHeight <= innerHeight"
        self.assertTrue(browser.run(fills))
        browser.say("echo " + "long " * 800)
        browser.wait_text("#chat .orchestrator", "long long")
        self.assertTrue(browser.run(fills))

    def test_narrow_screens_show_one_panel_and_nothing_sticks_out(self):
        self.addCleanup(self.browser.driver.execute_cdp_cmd, "Emulation.clearDeviceMetricsOverride", {})
        self.browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                            {"width": 390, "height": 780, "deviceScaleFactor": 1, "mobile": False})
        browser = self.browser.open(self.server)
        for panel in ("agents", "chat", "events"):
            browser.one(f'[data-show="{panel}"]').click()
            shown = [section.get_attribute("class") for section in browser.find(".panel") if section.is_displayed()]
            self.assertEqual(shown, [f"panel {panel}"])
            self.assertLessEqual(browser.run("document.documentElement.scrollWidth"), 390)


class Question(ConsoleTest):
    def ask(self):
        browser = self.browser.open(self.server)
        browser.say("Create asker")
        browser.wait_text("#agents", "asker")
        wait_for(lambda: idle(browser), "the end of the turn")
        browser.say("Let asker ask")
        browser.wait_text(".question", "Which colour shall it have?")
        return browser

    def test_the_first_answer_counts_and_every_browser_sees_the_question_go(self):
        browser = self.ask()
        other = self.second()
        other.wait_text(".question", "Which colour shall it have?")
        self.assertEqual(browser.driver.title, "(1) Tutti")
        other.one('.question button[type="submit"]').click()
        other.wait_text(".question", "Choose an option or write an answer.")
        other.one('.question input[value="Blue"]').click()
        other.one('.question button[type="submit"]').click()
        for one in (browser, other):
            wait_for(lambda one=one: one.find(".question") == [], "the question's end")
            one.wait_text("#events", '"Which colour shall it have?" = "Blue"')
        self.assertEqual(browser.driver.title, "Tutti")
        answered = self.server.ask("/v1/questions")["questions"][0]
        self.assertEqual((answered["status"], answered["answers"]), ("answered", {"Which colour shall it have?": "Blue"}))

    def test_an_open_question_is_there_after_reload_and_takes_own_words(self):
        browser = self.ask()
        browser.open(self.server)
        browser.one('.question input[type="text"]').send_keys("<b>Green</b>", Keys.ENTER)
        browser.wait_text("#events", '= "<b>Green</b>"')
        self.assertEqual(browser.find(".question"), [])


class Token(ConsoleTest):
    tokens = '[{token: "s3cret-token", principal: ann, scopes: ["*"]}]'

    def test_the_page_asks_for_the_token_and_keeps_it_for_the_tab(self):
        browser = self.browser.open(self.server, "Token needed")
        for token, is_right in (("wrong", False), ("s3cret-token", True)):
            wait_for(lambda: browser.one("#token").is_displayed(), "the dialog")
            browser.one("#token").send_keys(token, Keys.ENTER)
            if not is_right:
                wait_for(lambda: browser.one("#token-wrong").is_displayed(), "the refusal")
        browser.wait_state("Connected")
        browser.say("echo with a token")
        browser.wait_text("#chat .orchestrator", "with a token")
        browser.open(self.server)


class WithoutQuestions(ConsoleTest):
    without = ("tutti.commands.questions",)

    def test_the_page_works_without_the_questions_plugin(self):
        browser = self.browser.open(self.server)
        browser.say("echo all is well")
        browser.wait_text("#chat .orchestrator", "all is well")
        self.assertEqual(browser.find("#chat .notice"), [])


class WithoutConsole(unittest.TestCase):
    def test_the_server_works_without_the_page(self):
        server = Server(BINARY, PLUGINS, ("tutti.commands.console",))
        self.addCleanup(server.remove)
        server.start()
        with self.assertRaises(urllib.error.HTTPError) as refused:
            server.ask("/")
        self.assertEqual(refused.exception.code, 404)
        refused.exception.close()
        self.assertEqual(server.ask("/health")["status"], "healthy")


if __name__ == "__main__":
    unittest.main(argv=sys.argv, verbosity=2)
