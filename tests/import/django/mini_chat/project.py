"""The settings that differ from Django's, and the rows of the project."""

SETTINGS = {"INSTALLED_APPS": ["accounts", "chat", "rest_framework_simplejwt.token_blacklist"]}


def fill(world):
    from chat.models import ChatRoom, Message, UserProfile
    from rest_framework_simplejwt.tokens import RefreshToken

    people = world.people()
    for index, person in enumerate(people):
        avatar = f"https://example.com/avatars/{index}.png" if index % 2 else "https://via.placeholder.com/150"
        UserProfile.objects.create(user=person, is_online=index == 0, avatar=avatar)
    ann, bob, carol, dan, eve = people[:5]

    def room(name, description, participants):
        made = ChatRoom.objects.create(name=name, description=description, created_at=world.time())
        for participant in participants:
            made.participants.add(participant)
        return made

    def say(where, user, content, is_read=True):
        return Message.objects.create(room=where, user=user, content=content, timestamp=world.time(), is_read=is_read)

    tea = room("Чайная", "О чае и не только", [carol, ann, bob])
    direct = room(f"Чат: {ann.username} и {bob.username}", f"Прямой чат между {ann.username} и {bob.username}", [ann, bob])
    left = room(f"Чат: {dan.username} и {eve.username}", f"Прямой чат между {dan.username} и {eve.username}", [eve])
    empty = room("Пусто", "", [])
    for number in range(30):
        say(tea, [ann, bob, carol][number % 3], f"чай {number}", is_read=number < 25)
        say(direct, [ann, bob][number % 2], f"личное {number}", is_read=number < 26)
    say(left, dan, "Пока!")
    assert empty.messages.count() == 0

    # One that is still good, one that was used up by a logout.
    world.note("refresh", str(RefreshToken.for_user(ann)))
    used = RefreshToken.for_user(ann)
    used.blacklist()
    world.note("blacklisted", str(used))
    world.note("refresh_of_bob", str(RefreshToken.for_user(bob)))
