"""The settings that differ from Django's, and the rows of the project."""

SETTINGS = {"INSTALLED_APPS": ["chat"]}


def fill(world):
    from chat.models import Chat, ChatSession

    people = world.people()
    ann, bob = people[:2]
    for user, title, count in [(ann, "New Chat", 0), (ann, "Weather", 25), (bob, "Чай", 4), (ann, "Later", 3)]:
        session = ChatSession.objects.create(id=world.uuid(), user=user, title=title, created_at=world.time())
        for number in range(count):
            response = "" if number == 2 else f"Answer {number}\nof two lines"
            Chat.objects.create(session=session, message=f"Question {number}?", response=response, created_at=world.time())
