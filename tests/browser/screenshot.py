"""Takes docs/console.png: five turns with two agents. TUTTI_BINARY and TUTTI_PLUGIN_DIRECTORY say which build."""

import os
import shutil
import sys
import tempfile

from console_fixture import Browser, Server
from console_test import BINARY, PLUGINS, five_turns


def main(path):
    work = os.path.join(tempfile.gettempdir(), "hello")
    server = Server(BINARY, PLUGINS, work=work)
    browser = None
    try:
        server.start()
        browser = Browser(1360, 1190)
        browser.open(server)
        five_turns(browser)
        browser.run("document.activeElement.blur()")
        browser.driver.save_screenshot(path)
    finally:
        if browser is not None:
            browser.close()
        server.remove()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1])
