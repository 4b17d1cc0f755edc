"""Groups: privacy mode, membership, and the move to a supergroup."""

import pytest

from sandbox import ActError, ApiError, LimitSettings, Telegram
from sandbox.model import Chat, Json, Person
from tests.sandbox.kit import ARTICLE, updates


@pytest.fixture
def group(telegram: Telegram, ana: Person) -> Chat:
    bo = telegram.people.add_person("Bo")
    chat = telegram.groups.create("Friends", [ana.id, bo.id])
    telegram.updates.drop()
    return chat


def texts(telegram: Telegram) -> list[str]:
    return [update["message"].get("text", "") for update in updates(telegram) if "message" in update]


def test_privacy_mode_leaves_the_bot_what_is_meant_for_it(telegram: Telegram, ana: Person, group: Chat) -> None:
    own = telegram.call("sendMessage", {"chat_id": group.id, "text": "Hello all"})
    for said in ("Good morning", "/points", "/points@perkchat_bot", "/points@other_bot", "Hi @Perkchat_bot"):
        telegram.people.say(ana.id, said, chat_id=group.id)
    telegram.people.say(ana.id, "Thanks", chat_id=group.id, reply_to=own["message_id"])
    assert texts(telegram) == ["/points", "/points@perkchat_bot", "Hi @Perkchat_bot", "Thanks"]

    asked = telegram.people.inline_query(ana.id, "", chat_id=group.id)
    telegram.call("answerInlineQuery", {"inline_query_id": asked.id, "results": [ARTICLE]})
    updates(telegram)
    telegram.people.choose_inline(ana.id, asked.id, "1", chat_id=group.id)
    kinds = [sorted(update.keys() - {"update_id"}) for update in updates(telegram)]
    assert kinds == [["message"], ["chosen_inline_result"]]


def test_an_administrator_gets_everything(telegram: Telegram, ana: Person, group: Chat) -> None:
    telegram.groups.set_status(group.id, 42, "administrator")
    updates(telegram)
    telegram.people.say(ana.id, "Good morning", chat_id=group.id)
    assert texts(telegram) == ["Good morning"]


def test_without_privacy_mode_it_gets_everything() -> None:
    curious = Telegram(limits=LimitSettings(enabled=False), has_privacy=False)
    bo = curious.people.add_person("Bo")
    chat = curious.groups.create("Friends", [bo.id])
    curious.people.say(bo.id, "Good morning", chat_id=chat.id)
    assert texts(curious)[-1] == "Good morning"


def test_joining_and_leaving(telegram: Telegram, ana: Person, group: Chat) -> None:
    cy = telegram.people.add_person("Cy")
    telegram.groups.add(group.id, cy.id, by=ana.id)
    telegram.groups.remove(group.id, cy.id)
    joined, left = (update["message"] for update in updates(telegram))
    assert (joined["from"]["id"], joined["new_chat_members"][0]["id"]) == (ana.id, cy.id)
    assert left["left_chat_member"]["id"] == cy.id
    member = telegram.call("getChatMember", {"chat_id": group.id, "user_id": cy.id})
    assert member["status"] == "left"
    assert telegram.call("getChatMemberCount", {"chat_id": group.id}) == 3


def test_the_bot_is_thrown_out_and_comes_back(telegram: Telegram, ana: Person, group: Chat) -> None:
    telegram.groups.remove(group.id, 42)
    (update,) = updates(telegram)
    change = update["my_chat_member"]
    assert (change["old_chat_member"]["status"], change["new_chat_member"]["status"]) == ("member", "kicked")
    with pytest.raises(ApiError) as caught:
        telegram.call("sendMessage", {"chat_id": group.id, "text": "Hi"})
    assert (caught.value.code, caught.value.description) == (
        403,
        "Forbidden: bot was kicked from the group chat",
    )
    said = telegram.people.open_link(ana.id, "https://t.me/perkchat_bot?startgroup=g1", chat_id=group.id)
    assert said["text"] == "/start@perkchat_bot g1"
    kinds = [sorted(update.keys() - {"update_id"})[0] for update in updates(telegram)]
    assert kinds == ["my_chat_member", "message", "message"]

    assert telegram.call("leaveChat", {"chat_id": group.id}) is True
    with pytest.raises(ApiError, match="Forbidden: bot is not a member of the group chat"):
        telegram.call("sendMessage", {"chat_id": group.id, "text": "Hi"})


def test_becoming_a_supergroup(telegram: Telegram, ana: Person, group: Chat) -> None:
    new = telegram.groups.upgrade(group.id)
    moved, came = (update["message"] for update in updates(telegram))
    assert (moved["migrate_to_chat_id"], came["migrate_from_chat_id"]) == (new.id, group.id)
    assert new.info == {"id": new.id, "type": "supergroup", "title": "Friends"}
    with pytest.raises(ApiError) as caught:
        telegram.call("sendMessage", {"chat_id": group.id, "text": "Hi"})
    assert caught.value.description == "Bad Request: group chat was upgraded to a supergroup chat"
    assert caught.value.parameters == {"migrate_to_chat_id": new.id}
    assert telegram.call("sendMessage", {"chat_id": new.id, "text": "Hi"})["message_id"] == 2
    with pytest.raises(ActError, match="became the supergroup"):
        telegram.people.say(ana.id, "Hi", chat_id=group.id)


def test_others_messages_are_deleted_by_administrators_only(telegram: Telegram, ana: Person, group: Chat) -> None:
    said = telegram.people.say(ana.id, "Spam", chat_id=group.id)
    gone = {"chat_id": group.id, "message_id": said["message_id"]}
    with pytest.raises(ApiError, match="message can't be deleted"):
        telegram.call("deleteMessage", gone)
    telegram.groups.set_status(group.id, 42, "administrator")
    assert telegram.call("deleteMessage", gone) is True


def test_the_narrowest_command_menu_wins(telegram: Telegram, ana: Person, group: Chat) -> None:
    telegram.people.change(ana.id, language_code="zh-hans")

    def offer(name: str, language: str = "", **scope: object) -> None:
        params: Json = {"commands": [{"command": name, "description": "x"}], "language_code": language}
        telegram.call("setMyCommands", {**params, "scope": scope or {"type": "default"}})

    def menu(chat_id: int | None = None) -> str:
        commands = telegram.people.menu(ana.id, chat_id=chat_id)["commands"]
        return str(commands[0]["command"]) if commands else ""

    assert menu() == ""
    steps: list[tuple[str, str, Json, str, str]] = [
        ("all", "", {}, "all", "all"),
        ("all_zh", "zh", {}, "all_zh", "all_zh"),
        ("private", "", {"type": "all_private_chats"}, "private", "all_zh"),
        ("groups", "", {"type": "all_group_chats"}, "private", "groups"),
        ("groups_zh", "zh", {"type": "all_group_chats"}, "private", "groups_zh"),
        ("admins", "", {"type": "all_chat_administrators"}, "private", "admins"),
        ("here", "", {"type": "chat", "chat_id": group.id}, "private", "here"),
        ("rulers", "", {"type": "chat_administrators", "chat_id": group.id}, "private", "rulers"),
        ("ana", "", {"type": "chat_member", "chat_id": group.id, "user_id": ana.id}, "private", "ana"),
    ]
    for name, language, scope, in_private, in_group in steps:
        offer(name, language, **scope)
        assert (menu(), menu(group.id)) == (in_private, in_group)

    telegram.call("deleteMyCommands", {"scope": {"type": "all_private_chats"}})
    assert menu() == "all_zh"
    with pytest.raises(ApiError, match="invalid language code specified"):
        offer("x", "zh-hans")
    with pytest.raises(ApiError, match="BOT_COMMAND_INVALID"):
        offer("Points")


def test_the_menu_button(telegram: Telegram, ana: Person) -> None:
    app = {"type": "web_app", "text": "Shop", "web_app": {"url": "https://x.com"}}
    telegram.call("setChatMenuButton", {"chat_id": ana.id, "menu_button": app})
    assert telegram.people.menu(ana.id)["menu_button"] == app
    telegram.call("setChatMenuButton", {"chat_id": ana.id})
    assert telegram.people.menu(ana.id)["menu_button"] == {"type": "commands"}


def test_a_forum_keeps_messages_in_their_topics(telegram: Telegram, ana: Person, group: Chat) -> None:
    forum = telegram.groups.upgrade(group.id).id
    with pytest.raises(ActError, match="no forum"):
        telegram.groups.add_topic(forum, "Coffee")
    telegram.groups.open_forum(forum)
    coffee = telegram.groups.add_topic(forum, "Coffee")
    updates(telegram)
    telegram.people.say(ana.id, "/points", chat_id=forum, topic=coffee)
    telegram.people.say(ana.id, "/points", chat_id=forum)
    inside, general = (update["message"] for update in updates(telegram))
    assert (inside["message_thread_id"], inside["is_topic_message"]) == (coffee, True)
    assert "message_thread_id" not in general
    sent = telegram.call("sendMessage", {"chat_id": forum, "text": "Hi", "message_thread_id": coffee})
    assert (sent["message_thread_id"], sent["is_topic_message"]) == (coffee, True)
    answer = {"chat_id": forum, "text": "Hi", "reply_parameters": {"message_id": inside["message_id"]}}
    assert telegram.call("sendMessage", answer)["message_thread_id"] == coffee
    for thread in (1, coffee + 100):
        with pytest.raises(ApiError, match="message thread not found"):
            telegram.call("sendMessage", {"chat_id": forum, "text": "Hi", "message_thread_id": thread})


def test_a_closed_topic_is_open_to_administrators(telegram: Telegram, ana: Person, group: Chat) -> None:
    forum = telegram.groups.upgrade(group.id).id
    telegram.groups.open_forum(forum)
    coffee = telegram.groups.add_topic(forum, "Coffee")
    telegram.groups.close_topic(forum)
    telegram.call("sendMessage", {"chat_id": forum, "text": "Hi", "message_thread_id": coffee})
    with pytest.raises(ApiError, match="TOPIC_CLOSED"):
        telegram.call("sendMessage", {"chat_id": forum, "text": "Hi"})
    telegram.groups.close_topic(forum, coffee)
    with pytest.raises(ApiError, match="TOPIC_CLOSED"):
        telegram.call("sendMessage", {"chat_id": forum, "text": "Hi", "message_thread_id": coffee})
    telegram.groups.set_status(forum, 42, "administrator")
    telegram.call("sendMessage", {"chat_id": forum, "text": "Hi"})


def test_an_administrator_may_write_as_the_group(telegram: Telegram, ana: Person, group: Chat) -> None:
    telegram.people.say(ana.id, "/points", chat_id=group.id, is_anonymous=True)
    [update] = updates(telegram)
    assert update["message"]["from"]["id"] == 1_087_968_824
    assert update["message"]["sender_chat"]["id"] == group.id
    bo = next(each for each in group.members if each not in (ana.id, 42))
    with pytest.raises(ActError, match="administrators"):
        telegram.people.say(bo, "/points", chat_id=group.id, is_anonymous=True)
