"""Takes docs/console.png: five turns with two agents. TUTTI_BINARY and TUTTI_PLUGIN_DIRECTORY say which build."""

import sys

from console_fixture import Browser, Server
from console_test import BINARY, PLUGINS, five_turns


def main(path):
    server = Server(BINARY, PLUGINS)
    browser = None
    try:
        server.start()
        browser = Browser(1360, 850)
        browser.open(server)
        five_turns(browser)
        browser.run("document.activeElement.blur()")
        browser.driver.save_screenshot(path)
    finally:
        if browser is not None:
            browser.close()
        server.remove()


if __name__ == "__main__":
    main(sys.argv[1])
