"""The words people leave code out with, by human language. A new language is one more entry; nothing else changes."""

# ruff: noqa: RUF001 - words of other alphabets are what this table is for

# Four lists each: the rest of it; kept as it is; a thing that code is made of; words without weight. Case and accents
# do not matter; a `-` at the end marks a stem that takes endings.
WORDS = {
    "English": (
        "rest remaining remainder other others more everything additional etc",
        "unchanged same identical existing untouched unmodified intact original originally previous previously "
        "before above omitted snip snipped elided truncated skipped preserved keep keeps kept remain remains stay "
        "stays brevity unaltered retained abbreviated shortened changes changed leave unaffected earlier shown "
        "modification- abridged continued placeholder repeat",
        "code file files function- method- class classes implementation- logic body content contents import- "
        "export- field- propert- member- component- module- script section- part- line- block- handler- helper- "
        "test tests case cases route- style- rule- job- step steps setup definition- declaration- variable- "
        "constant- type types interface- constructor- getter- setter- state hook- jsx markup template- check "
        "checks validation loop- column- table tables schema dependenc- requirement- page article- item items "
        "list entries option options setting- args argument- parameter- statement- program routine- details stuff "
        "things config configuration key keys value values fixture- enum- struct- trait- impl init document html css "
        "boilerplate source initialization handling header docstring- mapping- pattern link- action- "
        "target- callback- assertion- example-",
        "continue continues the of a an is are was were in for to as from here this that these those your my our "
        "its it they and or with go goes follow follows would will be exactly completely still just only version "
        "versions edit now all any no not have been has there see both similarly so on so-called like at current copy "
        "paste restore end length space clarity readability below output needed necessary required",
    ),
    "German": (
        "rest restlich- ubrig- ander- weiter- alles sonstig-",
        "unverandert- gleich- bleib- bestehend- vorhanden- bisher- vorher- zuvor ausgelassen weggelassen gekurzt "
        "identisch- selbe- dasselbe dieselbe- existierend- oben anderung- gehabt original- ausgeblendet",
        "code- datei- funktion- methode- klasse- implementierung- logik inhalt- importe- feld- felder- "
        "konstruktor- skript- abschnitt- teil- zeile- regel- berechnung- eigenschaft- prufung- tests variable- "
        "dokument- schritt- rumpf korper",
        "der die das fur auf aus bei nach alle auch nur von des dem den ein eine wie hier folgt steht und mit so "
        "noch von im in ist sind ohne keine usw kurze ab",
    ),
    "French": (
        "reste restant- autre- suite",
        "inchange- identique- existant- meme- avant precedent- precedemment omis- changement- modification- "
        "modifie- conserve- change changent ci-dessus haut tel telle quel quelle "
        "demeure- original- garder tronque- conserver",
        "fichier- fonction- methode- classe- contenu- logique champ- constructeur- composant- methodes schema "
        "ligne- section- propriete- importation- corps implementation- logiques",
        "le la les l du de des d un une est sont sans en au aux et ici voir comme pour ne pas que tout toute brievete "
        "concision y il par plus",
    ),
    "Spanish and Portuguese": (
        "resto restante- otro- otra- outro- outra- demas demais",
        "cambio- igual iguales iguais existente- mismo- misma- mesmo- mesma- antes anterior- anteriormente "
        "omitid- permanece- mantien- mantem mantid- sigue- alterac- alterad- inalterad- modificac- mudanca- "
        "continua- intact- queda- original- manten- conserv- truncad-",
        "codigo archivo- arquivo- funcion- funcao funcoes metodo- clase- classe- contenido conteudo logica campo- "
        "constructor- construtor- componente- metodos propriedad- propiedad- esquema linea- linha- seccion secao "
        "cuerpo corpo implementacion- implementac- logica-",
        "el la los las lo o os as de del do da dos das un una um uma sin sem y e se es esta como aqui que con com "
        "en no por brevedad brevidade",
    ),
    "Italian": (
        "resto restante- restanti altri altre altro altra",
        "invariat- immutat- esistent- uguale uguali stesso stessa stessi stesse prima omess- rimane rimangono "
        "precedent- modific- cambia- original-",
        "codice file funzion- metod- class- contenut- logica campi campo costruttor- corpo righe implementazion- "
        "logica",
        "il lo la i gli le del della dei delle di e come senza qui non per brevita",
    ),
    "Dutch": (
        "rest overige andere",
        "ongewijzigd- bestaande zelfde hetzelfde weggelaten blijft blijven eerder wijzigingen voorheen",
        "code bestand- functie- methode- klasse- inhoud implementatie- logica",
        "de het een van zoals hier en is zonder",
    ),
    "Polish and Czech": (
        "reszta reszte reszty pozosta- inne zbytek ostatni- dalsi",
        "zmian zmiany istniej- niezmien- samo pominie- bez-zmian zmen zmeny stavajici nezmen- poprzedni- wczesniej",
        "kod kodu pliku plik funkcj- metod- klas- soubor- funkc- trid- zawartosc implementacj- implementac-",
        "bez tak jak i w z jest tu beze a je",
    ),
    "Swedish, Danish, Norwegian": (
        "resten ovrig- andra andre",
        "uandret uendret befintlig- eksisterende samma samme utelamnad- tidigare tidligere oforandra- uforandre- "
        "andring-",
        "koden kod kode filen fil funktion- metod- klass-",
        "av som ar er i den det och og",
    ),
    "Russian and Ukrainian": (
        "остальн- остаток други- прочи- решта iнш- інш-",
        "изменени- изменил- изменен- измене- неизмен- существующ- прежн- прежде раньше ранее оста- опущен- "
        "пропущен- меня- измен- змін- існуюч- такои такой самый тот было текущ- предыдущ- выше оригинал-",
        "код кода файл- функци- метод- класс- реализаци- логик- импорт- поля пол- интерфеис- интерфейс- содержим- "
        "част- тест- компонент- стил- модул- обработчик- тело тела строк-",
        "и в без как весь все всё не же с это эта здесь далее тут из для бе краткости нет",
    ),
    "Turkish": (
        "geri kalan- kalani diger",
        "ayni degismedi degisiklik mevcut onceki degismeden atlandi",
        "kod kodu kodun kodlar dosya- fonksiyon- metod- metot- sinif-",
        "ve bu yok ile gibi burada yok",
    ),
    "Vietnamese and Indonesian": (
        "lai sisa lainnya",
        "nguyen giu doi khong berubah tetap sama hien co",
        "ma kode berkas fungsi phuong thuc ham lop",
        "phan con cua tidak dari seperti yang ada",
    ),
    "Arabic and Hindi": (
        "بقية باقي باقى شेष बाकी शेष",
        "تغيير الحالي موجود كما نفس अपरिवर्तित समान मौजूदा",
        "الكود كود الشيفرة الملف कोड",
        "دون بدون هو من هنا का की के है",
    ),
    "Chinese": (
        "其余 其餘 其他 其它 剩余 剩餘 剩下 余下 别的",
        "不变 不變 未变 保持 原样 原樣 相同 同上 一样 一樣 同前 之前 以前 省略 略 现有 現有 原有 已有 既有 未更改 "
        "未修改 無需 无需 修改 更改 变化 变更 變更 原来 没有 沒有 原 原始 改动 "
        "改變",
        "代码 代碼 程式碼 方法 函数 函數 函式 部分 内容 內容 逻辑 邏輯 实现 實作 文件 檔案 类 類 导入 字段 属性 "
        "步骤 测试 组件 配置 行",
        "的 与 與 和 在 此处 此處 这里 這裡 均 都 等 为 為 了 所有 以下 以上 上面 下面 未 是",
    ),
    "Japanese": (
        "残り 他 その他 以下 以降",
        "既存 変更なし 変更無し 変更はありません 変更 なし 同じ 同様 そのまま 省略 以下略 中略 前略 後略 以前 元 "
        "従来 前 まま",
        "コード メソッド 関数 処理 実装 部分 クラス ファイル ロジック 内容 テスト フィールド インポート 行",
        "の は が と を に ここ です ます する した され て い る こ も ありません 入る 入り",
    ),
    "Korean": (
        "나머지 기타 다른",
        "기존 동일 변경 없음 그대로 생략 유지 이전 같 변함",
        "코드 메서드 메소드 함수 부분 구현 내용 로직 클래스 파일",
        "는 은 이 가 와 과 의 를 을 합니다 됩니다 입니다 하게 사항 습니다 된 들 다 여기",
    ),
}
