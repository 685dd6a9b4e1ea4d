#include <doctest/doctest.h>

#include <set>

#include "core/settings.h"
#include "host/commands.h"
#include "host/words.h"

using namespace sideman;

TEST_CASE("no message has two meanings") {
  const std::vector<std::string_view> names = message_names();
  CHECK(std::set<std::string_view>(names.begin(), names.end()).size() == names.size());
  CHECK(names.size() == command_table().size() + settings_table().size());
}

TEST_CASE("every command is found by its name and says what it does") {
  for (const Command& command : command_table()) {
    REQUIRE(find_command(command.name) != nullptr);
    CHECK(find_command(command.name)->kind == command.kind);
    CHECK(command.sentence.back() == '.');
  }
  CHECK(find_command("play") == nullptr);
}

TEST_CASE("a mistyped name is answered with the nearest, a strange one is not guessed") {
  CHECK(unknown_name("message", "tmepo", message_names()) ==
        "unknown message 'tmepo': did you mean 'tempo'?");
  CHECK(unknown_name("message", "guidence", message_names()) ==
        "unknown message 'guidence': did you mean 'guidance'?");
  CHECK(unknown_name("message", "xylophone", message_names()) ==
        "unknown message 'xylophone': see the help of sideman~");
}
