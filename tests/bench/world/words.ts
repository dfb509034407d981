const split = (text: string) => text.trim().split(/\s+/);

/** The most common first, as they are drawn. */
export const russian = split(`
  и в не на что я с это как но по он она мы вы они так уже есть был будет можно нужно давай привет спасибо сегодня
  завтра вчера утром вечером сейчас потом тогда когда если чтобы почему зачем конечно наверное хорошо плохо быстро
  медленно новый новая старый большой маленький первый второй последний важный срочный работа работает работали задача
  задачи задачу проект проекта проектом сервер сервера серверы база данные данных запрос запросы ответ ответы ошибка
  ошибки ошибку тест тесты тестов код кода версия версию версии файл файлы страница страницы кнопка кнопку форма
  форму письмо письма встреча встречу встречи созвон команда команде команды клиент клиента клиенты договор договора
  счёт оплата оплату деньги время времени неделя неделю месяц месяца день дня час минута вопрос вопросы вопроса
  решение решения решили проверить проверил проверила исправить исправил исправлено обновить обновили удалить удалили
  добавить добавил добавили отправить отправил отправила получить получил получили написать написал написала
  посмотреть посмотрел посмотрите согласовать согласовано подтвердить подтверждаю перенести перенесли документация
  документацию настройка настройки подключение подключения пользователь пользователя пользователи сообщение сообщения
  сообщений уведомление уведомления очередь очереди нагрузка нагрузку производительность безопасность резервная копия
  развернуть развернули окружение доступ доступа пароль ключ город дом дорога погода дождь кофе обед отпуск праздник
`);

export const english = split(`
  the to and of is in for it on that with we you this can be not have are will was but they from now done please
  thanks today tomorrow yesterday meeting call team project task tasks server database query queries answer error
  errors test tests testing code release version file files page button form letter client clients contract invoice
  payment money time week month day hour minute question questions solution checked fixed updated removed added sent
  received written looking agreed confirmed moved documentation settings connection connections user users message
  messages notification notifications queue load performance security backup deploy deployed environment access
  password key coffee lunch weather holiday branch merge review pipeline container cluster latency throughput cache
  index table column migration trigger policy schema function library package module dependency upgrade rollback
`);

/** Each of these occurs in one message of ten thousand. */
export const rare = split(`
  перламутр калейдоскоп гиппопотам экскаватор одуванчик виолончель черепаха подсолнух kaleidoscope hippopotamus
  saxophone marmalade chrysanthemum rhinoceros labyrinth zeppelin
`);

/** Common words with several forms, to search for: each occurs in many messages. */
export const common = split(`работа задача проект сервер запрос ошибка сообщение project server message error query`);

/** Parts from the middle of words. */
export const parts = split(`окумент роизвод езопасн ведомлен ользоват кружени ocumentat erforman onnectio otificat`);

/** Two letters that follow each other in a great many messages. */
export const pairs = split(`ро ст но ен er st th`);
