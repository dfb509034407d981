# Registration and login only: the models are those of Django and of the app `chat`.
