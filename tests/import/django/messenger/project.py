"""The settings that differ from Django's, and the rows of the project."""

from datetime import timedelta

SETTINGS = {"INSTALLED_APPS": ["users", "chats", "chat_messages"]}


def fill(world):
    from chat_messages.models import Message, MessageStatus, PinnedMessage
    from chats.models import Chat, ChatReadState
    from users.models import UserStatus

    people = world.people()
    for index, person in enumerate(people):
        UserStatus.objects.create(user=person, is_online=index == 0, last_seen=world.start + timedelta(days=index))
    ann, bob, carol, dan, eve = people[:5]

    def chat(kind, name, members):
        made = Chat.objects.create(type=kind, name=name, created_at=world.time())
        for member in members:
            made.members.add(member)
        return made

    direct = chat("private", None, [bob, ann])
    tea = chat("group", "Чай ☕", [carol, ann, bob, dan])
    silent = chat("group", "Nobody writes here", [dan, eve])
    again = chat("private", "", [ann, bob])  # a second chat of the same two, which the old backend allowed
    alone = chat("private", None, [eve])
    many = chat("group", "Everybody", people)

    def say(room, sender, text, **more):
        return Message.objects.create(chat=room, sender=sender, text=text, created_at=world.time(), **more)

    first = say(direct, ann, "Hello, Bob!")
    for number in range(40):
        say(direct, [ann, bob][number % 2], f"message {number}\n" + "строка " * (number % 5))
    edited = say(direct, bob, "edited: ok", is_edited=True, edited_at=world.time())
    say(direct, bob, "edited at an unknown time", is_edited=True)
    say(direct, ann, "this was deleted, and the text kept", is_deleted=True)
    last_read = say(direct, bob, "the last that Ann has read")
    for number in range(3):
        say(direct, bob, f"unread {number}")
    say(direct, ann, "Ann has written after what she has read")

    for number in range(120):
        message = say(tea, [ann, bob, carol, dan][number % 4], f"tea {number}")
        if number % 10 == 0:
            say(direct, bob, "", forwarded_from=message)
    say(tea, carol, first.text, forwarded_from=first)
    long = say(tea, dan, "длинный текст " * 1500)
    say(tea, dan, "   ")
    tea_messages = list(tea.messages.order_by("id"))
    say(again, ann, "in the second chat of Ann and Bob")
    say(alone, eve, "a note to myself")
    for index, person in enumerate(people):
        say(many, person, f"I am {person.username}, number {index}.")

    ChatReadState.objects.create(chat=direct, user=ann, last_read_message_id=last_read.id)
    ChatReadState.objects.create(chat=direct, user=bob, last_read_message_id=Message.objects.filter(chat=direct).last().id)
    ChatReadState.objects.create(chat=tea, user=ann, last_read_message_id=tea_messages[10].id)
    ChatReadState.objects.create(chat=tea, user=dan, last_read_message_id=None)
    # Bob has only statuses in the group: read up to the 50th message, delivered up to the 100th.
    for index, message in enumerate(tea_messages):
        if message.sender_id != bob.id:
            MessageStatus.objects.create(
                message=message, user=bob, delivered=index <= 100, read=index <= 50,
                delivered_at=world.time(), read_at=world.time() if index <= 50 else None,
            )
    PinnedMessage.objects.create(chat=direct, message=edited, pinned_by=ann, pinned_at=world.time())
    PinnedMessage.objects.create(chat=tea, message=long, pinned_by=dan, pinned_at=world.time())
    PinnedMessage.objects.create(chat=direct, message=first, pinned_by=bob, pinned_at=world.time())
    Message.objects.filter(text="tea 7").delete()  # a hole in the ids
    assert silent.messages.count() == 0
